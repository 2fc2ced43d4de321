using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Tells tables, tables of contents, code and footnotes from running text, line by line.</summary>
internal static partial class LineKinds
{
    /// <summary>Footnotes are set at most this large, as a share of the body's size.</summary>
    private const float FootnoteSize = 0.93f;

    /// <summary>Cells of a table start at the same place within this many font sizes.</summary>
    private const float SameColumn = 0.6f;

    private const int FewestRows = 2;

    public static void Assign(IReadOnlyList<PageLines> pages)
    {
        float bodySize = BodySize(pages);
        foreach (List<TextLine> region in pages.SelectMany(page => page.Regions))
        {
            MarkFootnotes(region, bodySize);
            MarkTables(region);
            foreach (TextLine line in region)
            {
                if (line.Kind is ParagraphKind.Footnote) continue;
                if (DotLeaders().IsMatch(line.Text)) line.Kind = ParagraphKind.Verse;
                else if (line.Monospaced) line.Kind = ParagraphKind.Code;
            }
        }
    }

    /// <summary>The font size of most characters.</summary>
    public static float BodySize(IReadOnlyList<PageLines> pages)
    {
        var characters = new Dictionary<float, int>();
        foreach (TextLine line in pages.SelectMany(page => page.Lines))
        {
            float size = MathF.Round(line.Size, 1);
            characters[size] = characters.GetValueOrDefault(size) + line.Text.Length;
        }
        return characters.Count == 0 ? 0 : characters.MaxBy(pair => pair.Value).Key;
    }

    /// <summary>"Title . . . . . 12": the dots that lead to a page number.</summary>
    [GeneratedRegex(@"(?:\s?[.·…]){4,}\s*[\divxlc]*\s*$")]
    public static partial Regex DotLeaders();

    [GeneratedRegex(@"^(?:\d{1,3}|[*∗†‡§¶]{1,3}|[a-z])(?=\W|[A-Z]|https?:)")]
    private static partial Regex FootnoteMark();

    /// <summary>Small lines at the foot of a column, under larger text, from the first that starts with a mark.</summary>
    private static void MarkFootnotes(List<TextLine> region, float bodySize)
    {
        int first = region.Count;
        while (first > 0 && region[first - 1].Size <= FootnoteSize * bodySize) first--;
        if (first == 0) return;
        bool marked = false;
        for (int i = first; i < region.Count; i++)
        {
            TextLine line = region[i];
            marked |= line.StartsWithSuperscript || FootnoteMark().IsMatch(line.Text);
            if (marked) line.Kind = ParagraphKind.Footnote;
        }
    }

    private static void MarkTables(List<TextLine> region)
    {
        for (int start = 0; start < region.Count;)
        {
            int end = start;
            while (end < region.Count && region[end].Cells.Count > 1 && region[end].Kind == ParagraphKind.Body
                && (end == start || SharesColumn(region[end - 1], region[end])))
            {
                end++;
            }
            if (end - start >= FewestRows)
            {
                for (int i = start; i < end; i++) region[i].Kind = ParagraphKind.Table;
            }
            start = Math.Max(end, start + 1);
        }
    }

    private static bool SharesColumn(TextLine above, TextLine below)
    {
        float tolerance = SameColumn * below.Size;
        return below.Cells.Skip(1).Any(cell => above.Cells.Skip(1).Any(
            other => Math.Abs(cell.Left - other.Left) < tolerance || Math.Abs(cell.Right - other.Right) < tolerance));
    }
}
