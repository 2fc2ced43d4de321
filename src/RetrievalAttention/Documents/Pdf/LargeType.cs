namespace RetrievalAttention.Documents.Pdf;

/// <summary>Headings of a file without bookmarks: short lines in larger or bolder type than the text, ranked by size.</summary>
internal static class LargeType
{
    private const float LargerThanBody = 1.12f;

    /// <summary>Bold lines need less; a bold line of the text's own size may be an emphasis or a table's head.</summary>
    private const float BoldLargerThanBody = 1.04f;
    private const int LongestHeading = 120;
    private const int Levels = 4;

    /// <summary>A text with more large lines than this share is set in large type; its size then says nothing.</summary>
    private const double LargestShare = 0.15;

    public static void Mark(IReadOnlyList<PageLines> pages)
    {
        float body = LineKinds.BodySize(pages);
        List<TextLine> lines = [.. pages.SelectMany(page => page.Lines)];
        HashSet<TextLine> large = [.. lines.Where(line => line.Kind == ParagraphKind.Body && line.Size >= (line.Bold ? BoldLargerThanBody : LargerThanBody) * body
            && line.Text.Length <= LongestHeading && line.Text.Count(char.IsLetter) >= 3)];
        if (large.Count == 0 || large.Count > Math.Max(3, LargestShare * lines.Count)) return;

        // A size used on the first page only is the title's; it heads its own section, on the outermost level.
        List<float> sizes = [.. large.Where(line => line.Page > 1 || pages.Count == 1).Select(Rounded).Distinct().OrderDescending().Take(Levels)];
        var path = new List<string>();
        for (int i = 0; i < lines.Count; i++)
        {
            if (!large.Contains(lines[i])) continue;
            int first = i;
            string title = lines[i].Text;
            while (i + 1 < lines.Count && large.Contains(lines[i + 1]) && Rounded(lines[i + 1]) == Rounded(lines[first]) && lines[i + 1].Page == lines[first].Page
                && lines[i].Baseline - lines[i + 1].Baseline is > 0 and var distance && distance < 2 * lines[i].Size)
            {
                title += " " + lines[++i].Text;
            }
            int level = Math.Max(0, sizes.FindIndex(size => size <= Rounded(lines[first])));
            if (path.Count > level) path.RemoveRange(level, path.Count - level);
            path.Add(title);
            lines[first].StartsSection = [.. path];
            for (int j = first; j <= i; j++) lines[j].Kind = ParagraphKind.Heading;
        }
    }

    private static float Rounded(TextLine line) => MathF.Round(2 * line.Size) / 2;
}
