namespace RetrievalAttention.Answering.Summaries;

/// <summary>What a length means.</summary>
/// <param name="Share">Words of the summary by words of the document.</param>
/// <param name="Least">Words that are wanted even of a short document.</param>
/// <param name="Most">Words that are wanted of the longest document; more only where it has very many parts.</param>
/// <param name="MostParts">Parts into which the document is divided at most, as far as its outermost headings allow.</param>
/// <param name="WholeAbove">A document of more parts than this is not divided: a sentence for each would be no summary.</param>
public sealed record SummaryBudget(double Share, int Least, int Most, int MostParts, int WholeAbove)
{
    public static SummaryBudget Of(SummaryLength length) => length switch
    {
        SummaryLength.Short => new(0.01, 100, 800, 50, 200),
        SummaryLength.Medium => new(0.03, 300, 3_000, 150, 600),
        SummaryLength.Long => new(0.08, 800, 10_000, 500, 2_000),
        _ => throw new ArgumentOutOfRangeException(nameof(length), length, "Not a length."),
    };

    /// <summary>One of several books that share this.</summary>
    /// <param name="share">Of the words, 0 to 1.</param>
    public SummaryBudget Shared(double share, int books) => new(Share, (int)(Least * share), (int)(Most * share), Math.Max(1, MostParts / books), Math.Max(1, MostParts / books));

    public int Wanted(int bookWords) => Math.Min(Most, Math.Max(Least, (int)(Share * bookWords)));

    /// <summary>What is wanted, but never more than half of the document.</summary>
    public int Words(int bookWords) => Math.Min(Wanted(bookWords), bookWords / 2);
}
