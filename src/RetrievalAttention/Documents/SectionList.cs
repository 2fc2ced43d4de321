namespace RetrievalAttention.Documents;

/// <summary>Sections from headings in order: each begins at its heading and ends where the next begins.</summary>
internal static class SectionList
{
    /// <param name="headings">Start of each heading's text, its rank (0 outermost) and title, in order of start.</param>
    public static List<Section> From(IReadOnlyList<(int Start, int Rank, string Title)> headings, string text)
    {
        List<Section> sections = [];
        if (text.Length == 0) return sections;
        int first = headings.Count > 0 ? headings[0].Start : text.Length;
        bool opening = headings.Count == 0 || !text.AsSpan(0, first).IsWhiteSpace();
        if (opening) sections.Add(new Section([], 0, first));
        List<(int Rank, string Title)> path = [];
        for (int i = 0; i < headings.Count; i++)
        {
            (int start, int rank, string title) = headings[i];
            path.RemoveAll(outer => outer.Rank >= rank);
            path.Add((rank, title));
            int end = i + 1 < headings.Count ? headings[i + 1].Start : text.Length;
            // Of headings at one place ("Part One" and its first chapter in a table of contents) the innermost makes the section.
            if (end > start) sections.Add(new Section([.. path.Select(part => part.Title)], sections.Count == 0 ? 0 : start, end));
        }
        return sections;
    }
}
