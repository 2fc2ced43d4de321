using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Dropped parts: what is lost when fewer layers or heads see the blocks that this project finds, or when blocks come by chance.</summary>
internal static class DroppedMethods
{
    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("upper-layers", MethodFamily.Dropped, "Wu et al. 2022, Memorizing Transformers (memory in few layers)", "the blocks of fused-second, seen by the upper half of the layers",
            "Half of the layers, not one.",
            (question, budget) =>
            {
                MemoryPlan plan = RetrievalMethods.OfBlocks(question, budget, question.Rankings.Fused, secondLook: true);
                int first = question.Config.Layers / 2;
                return plan with
                {
                    Rows = (layer, queries, start) => layer < first ? null : plan.Rows!(layer, queries, start),
                    SeenShare = (question.Config.Layers - first) / (double)question.Config.Layers,
                };
            }),
        new("retrieval-heads", MethodFamily.Dropped, "Xiao et al. 2025, DuoAttention", "the blocks of fused-second, seen by the retrieval heads only",
            "Only the few heads that calibration found, not a learned half.",
            (question, budget) =>
            {
                MemoryPlan plan = RetrievalMethods.OfBlocks(question, budget, question.Rankings.Fused, secondLook: true);
                ILookup<int, RetrievalHead> heads = question.Model.Heads.Heads.ToLookup(head => head.Layer);
                return plan with
                {
                    Rows = (layer, queries, start) => heads.Contains(layer) && plan.Rows!(layer, queries, start) is { } rows ? rows with { Bias = OnlyFor(heads[layer], plan.RowCount), Tokens = null } : null,
                    SeenShare = question.Model.Heads.Heads.Count / (double)(question.Config.Layers * question.Config.Heads),
                };
            }),
        new("random", MethodFamily.Dropped, "none", "blocks by chance, for all layers", "The control.",
            (question, budget) =>
            {
                int[] blocks = [.. Enumerable.Range(0, question.Blocks)];
                question.Chance(budget).Shuffle(blocks);
                return StoredRows.OfBlocks(question, blocks.Take(StoredRows.BlocksIn(question, budget)));
            })
        { BecomesFull = true },
    ];

    private static Func<Tensor, Tensor> OnlyFor(IEnumerable<RetrievalHead> heads, int rows) => queries =>
    {
        Tensor bias = full([queries.shape[0], 1, rows], Scalars.MinusInfinity, float32, queries.device);
        foreach (RetrievalHead head in heads) bias[head.Head].zero_();
        return bias;
    };
}
