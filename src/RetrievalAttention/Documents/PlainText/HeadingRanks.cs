namespace RetrievalAttention.Documents.PlainText;

/// <summary>Nesting of headings: volumes, books and parts outside, rarer ones outermost; then acts, chapters and scenes; numbers innermost.</summary>
internal static class HeadingRanks
{
    private static readonly string[] Outer = ["volume", "book", "part"];

    private const int Act = 3;
    private const int Chapter = 4;
    private const int Section = 5;
    private const int Number = 6;

    public static List<Heading> Assign(List<Heading> headings)
    {
        string[] outer = [.. headings.Where(heading => Outer.Contains(heading.Family))
            .GroupBy(heading => heading.Family).OrderBy(group => group.Count()).Select(group => group.Key)];
        bool hasChapters = headings.Any(heading => Ranked(heading, outer) is Chapter);
        bool hasActs = headings.Any(heading => heading.Family == "act");
        int lastOfWord = 0, rankOfWord = Chapter;
        List<Heading> ranked = [];
        foreach (Heading heading in headings)
        {
            int rank = Ranked(heading, outer) ?? (hasChapters ? Number : Chapter);
            if (heading.Family == "scene" && !hasActs) rank = Chapter;
            if (heading.Style == HeadingStyle.Word) (lastOfWord, rankOfWord) = (heading.Number ?? 0, rank);
            // "VII. THE BLUE CARBUNCLE" after "ADVENTURE VI. …" goes on with that count.
            if (heading.Style == HeadingStyle.NumberAndTitle && lastOfWord > 0 && heading.Number == lastOfWord + 1) (lastOfWord, rank) = (lastOfWord + 1, rankOfWord);
            ranked.Add(heading with { Rank = rank });
        }
        return ranked;
    }

    /// <summary>The rank that a heading has by itself; null for numbers, whose rank depends on what else there is.</summary>
    private static int? Ranked(Heading heading, string[] outer) => heading switch
    {
        { Style: HeadingStyle.Number or HeadingStyle.NumberAndTitle } => null,
        { Family: "volume" or "book" or "part" } => Array.IndexOf(outer, heading.Family),
        { Family: "act" } => Act,
        { Family: "scene" or "section" } => Section,
        _ => Chapter,
    };
}
