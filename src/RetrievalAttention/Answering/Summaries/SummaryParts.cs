using RetrievalAttention.Documents;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>A chapter as the summary sees it: one section, or all sections under one heading where there are very many.</summary>
/// <param name="HeadingPath">Empty for text that stands under no heading.</param>
/// <param name="Candidates">The sentences that may be quoted, in order; at least one.</param>
public sealed record SummaryPart(IReadOnlyList<string> HeadingPath, IReadOnlyList<BookSentence> Candidates)
{
    public string Title => HeadingPath.Count == 0 ? "" : HeadingPath[^1];

    public int Words { get; } = Candidates.Sum(sentence => sentence.Words);
}

/// <summary>Divides a book into the parts of which each has its say in a summary.</summary>
public static class SummaryParts
{
    /// <summary>A part with fewer words before the first with many is a title page, a dedication or a list of contents.</summary>
    private const int TitlePageWords = 60;
    private const int ManyWords = 150;

    /// <summary>
    /// The finest division into parts that are no more than wanted, by heading levels; where even the coarsest has many more, the whole as one. Parts without
    /// anything to quote are left out: a heading alone, a title page.
    /// </summary>
    internal static IReadOnlyList<SummaryPart> Of(ReadBook book, SummaryBudget budget) => Of(book, budget.MostParts, budget.WholeAbove);

    /// <param name="most">Parts that are wanted.</param>
    /// <param name="wholeAbove">Parts from which the book is rather not divided at all.</param>
    /// <inheritdoc cref="Of(ReadBook, SummaryBudget)"/>
    public static IReadOnlyList<SummaryPart> Of(ReadBook book, int most, int wholeAbove = int.MaxValue)
    {
        IReadOnlyList<Section> sections = book.Document.Sections;
        int deepest = sections.Count == 0 ? 0 : sections.Max(section => section.HeadingPath.Count);
        IReadOnlyList<SummaryPart> parts = AtDepth(book, deepest);
        for (int depth = deepest - 1; depth >= 1 && parts.Count > most; depth--) parts = AtDepth(book, depth);
        return parts.Count > wholeAbove ? AtDepth(book, 0) : WithoutTitlePage(parts);
    }

    private static IReadOnlyList<SummaryPart> WithoutTitlePage(IReadOnlyList<SummaryPart> parts)
    {
        int first = parts.TakeWhile(part => part.Words < ManyWords).Count();
        return first == parts.Count ? parts : [.. parts.Where((part, i) => i >= first || part.Words >= TitlePageWords)];
    }

    private static List<SummaryPart> AtDepth(ReadBook book, int depth)
    {
        List<SummaryPart> parts = [];
        List<BookSentence> sentences = [];
        string[] path = [];
        foreach (BookSentence sentence in book.Sentences)
        {
            string[] own = [.. book.Document.Sections[sentence.Section].HeadingPath.Take(depth)];
            if (!own.SequenceEqual(path))
            {
                Close();
                path = own;
            }
            sentences.Add(sentence);
        }
        Close();
        return parts;

        void Close()
        {
            BookSentence[] candidates = [.. sentences.Where(sentence => sentence.Use == SentenceUse.Quote)];
            // Under a heading, something is better than nothing; before the first one, it is a title page.
            if (candidates.Length == 0 && path.Length > 0) candidates = [.. sentences.Where(sentence => sentence.Use == SentenceUse.LastResort)];
            if (candidates.Length > 0) parts.Add(new SummaryPart(path, candidates));
            sentences = [];
        }
    }
}
