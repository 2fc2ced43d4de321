using RetrievalAttention.Answering;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>What the others are held against: nothing, the evidence itself, and everything.</summary>
internal static class ReferenceMethods
{
    /// <summary>Positions kept free for question and answer when everything is attended to.</summary>
    private const int QuestionRoom = 256;

    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("closed", MethodFamily.Reference, "none", "", "The model answers without the document.", (_, _) => new MemoryPlan()) { HasBudget = false },
        new("gold-text", MethodFamily.Reference, "none", "neighbouring blocks included", "In-window control: the text of the evidence stands in the prompt. What the model can do at all.",
            (question, _) => question.GoldBlocks.Count == 0 ? null : new MemoryPlan { QuotedBlocks = WithNeighbours(question) }) { HasBudget = false },
        new("gold-memory", MethodFamily.Reference, "none", "neighbouring blocks included", "The stored memory of the evidence: what perfect retrieval could give.",
            (question, _) => question.GoldBlocks.Count == 0 ? null : StoredRows.OfBlocks(question, WithNeighbours(question))) { HasBudget = false },
        new("full", MethodFamily.Reference, "Vaswani et al. 2017", "", "Exact attention over the whole stored memory, where header, document and question fit the trained length.",
            (question, _) => question.Model.Header.Length + question.Tokens + QuestionRoom > question.Config.ContextLength ? null : StoredRows.All(question))
        { HasBudget = false, BecomesFull = true },
    ];

    private static IReadOnlyList<int> WithNeighbours(ComparedQuestion question) => BlockRuns.Around(new MemoryShelf(question.Memory), question.GoldBlocks, before: 1, after: 1);
}
