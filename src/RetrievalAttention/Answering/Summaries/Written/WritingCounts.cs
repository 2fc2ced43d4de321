namespace RetrievalAttention.Answering.Summaries.Written;

/// <summary>What became of the sentences that the model wrote.</summary>
/// <param name="Written">Sentences that the model wrote at first.</param>
/// <param name="Supported">Of them, those that the memory made likelier.</param>
/// <param name="Facts">Names and numbers in them.</param>
/// <param name="FactsCited">Of those, the ones that stand in the blocks that the model looked at while it wrote.</param>
/// <param name="Kept">Sentences that passed every check at once.</param>
/// <param name="Rewritten">Sentences that passed when they were written again.</param>
/// <param name="Replaced">Sentences whose place a quotation took.</param>
public sealed record WritingCounts(int Written, int Supported, int Facts, int FactsCited, int Kept, int Rewritten, int Replaced)
{
    public static WritingCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    public static WritingCounts operator +(WritingCounts a, WritingCounts b) => new(
        a.Written + b.Written, a.Supported + b.Supported, a.Facts + b.Facts, a.FactsCited + b.FactsCited, a.Kept + b.Kept, a.Rewritten + b.Rewritten, a.Replaced + b.Replaced);
}
