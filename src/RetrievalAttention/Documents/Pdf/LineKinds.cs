using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Tells tables, tables of contents, code and footnotes from running text, line by line.</summary>
internal static partial class LineKinds
{
    /// <summary>Footnotes are set at most this large, as a share of the body's size.</summary>
    private const float FootnoteSize = 0.93f;

    /// <summary>Part of the page's height, from below, where footnotes may begin.</summary>
    private const float FootnoteZone = 0.5f;

    public static void Assign(IReadOnlyList<PageLines> pages)
    {
        float bodySize = BodySize(pages);
        foreach ((PageLines page, List<TextLine> region) in pages.SelectMany(page => page.Regions.Select(region => (page, region))))
        {
            MarkFootnotes(region, bodySize, FootnoteZone * page.Height);
            foreach (TextLine line in region)
            {
                if (line.Kind is ParagraphKind.Footnote) continue;
                if (DotLeaders().IsMatch(line.Text)) line.Kind = ParagraphKind.Verse;
                else if (line.Monospaced) line.Kind = ParagraphKind.Code;
            }
            Tables.Mark(region);
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
    [GeneratedRegex(@"(?:(?:\s?[.·…]){4,}\s*[\divxlc]*|(?:\s[.·…]){2,}\s*[\divxlc]+)\s*$")]
    public static partial Regex DotLeaders();

    [GeneratedRegex(@"^(?:\d{1,3}|[*∗†‡§¶]{1,3})(?=\W|[A-Z]|https?:)")]
    private static partial Regex FootnoteMark();

    /// <summary>Small lines at the foot of a column, under larger text, from the first that starts with a mark.</summary>
    private static void MarkFootnotes(List<TextLine> region, float bodySize, float highest)
    {
        int first = region.Count;
        while (first > 0 && region[first - 1].Size <= FootnoteSize * bodySize && region[first - 1].Baseline < highest) first--;
        if (first == 0) return;
        bool marked = false;
        for (int i = first; i < region.Count; i++)
        {
            TextLine line = region[i];
            marked |= line.StartsWithSuperscript || FootnoteMark().IsMatch(line.Text);
            if (marked) line.Kind = ParagraphKind.Footnote;
        }
    }
}
