namespace RetrievalAttention.Answering.Summaries;

/// <summary>What a length means.</summary>
/// <param name="Share">Words of the summary by words of the document.</param>
/// <param name="Least">Words that are wanted even of a short document.</param>
/// <param name="Most">Words that are wanted of the longest document; more only where it has very many parts.</param>
/// <param name="MostParts">Parts into which the document is divided at most, as far as its outermost headings allow.</param>
internal sealed record SummaryBudget(double Share, int Least, int Most, int MostParts)
{
    public static SummaryBudget Of(SummaryLength length) => length switch
    {
        SummaryLength.Short => new(0.01, 100, 800, 50),
        SummaryLength.Medium => new(0.03, 300, 3_000, 150),
        SummaryLength.Long => new(0.08, 800, 10_000, 500),
        _ => throw new ArgumentOutOfRangeException(nameof(length), length, "Not a length."),
    };

    public int Wanted(int bookWords) => Math.Min(Most, Math.Max(Least, (int)(Share * bookWords)));

    /// <summary>What is wanted, but never more than half of the document.</summary>
    public int Words(int bookWords) => Math.Min(Wanted(bookWords), bookWords / 2);
}
