using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Matrix algebra: approximations of a softmax model's attention to far tokens, without training.</summary>
internal static class AlgebraMethods
{
    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("centroids", MethodFamily.Algebra, "Chen et al. 2025, RetroInfer (its estimation zone alone)", "as many clusters of keys per layer and key/value head as the budget has tokens; mean key, mean value, number of members",
            "No cluster is attended to exactly; clusters of keys before rotary embedding, all at one distance.",
            (question, budget) => Estimated(question, budget, budget, (count, _) =>
            {
                IReadOnlyList<Tensor> clusters = question.Document.PreparedByLayer($"{count} clusters", layer => Clusters.Of(question.Document.Keys(layer), question.Document.Values(layer), count));
                return (layer, _) => new FarRows.Estimate(clusters[0][layer], clusters[1][layer], _ => ByHead(question, clusters[2][layer]));
            }))
        { BecomesFull = true, Dear = Dear.EachDocument },
        new("performer", MethodFamily.Algebra, "Choromanski et al. 2021, Performer", "half the budget the last tokens, half orthogonal positive random features of all before them",
            "No training; far keys all at one distance.",
            (question, budget) => Estimated(question, budget, budget - budget / 2, (features, far) =>
            {
                Tensor directions = question.Document.Prepared($"{features} directions", () => [FeatureMaps.Directions(features, question.Config.HeadSize).to(question.Model.Decoder.Device)])[0];
                double scale = Math.Pow(question.Config.HeadSize, 0.25);
                return (layer, position) =>
                {
                    IReadOnlyList<Tensor> sums = question.Document.PreparedByLayer(
                        $"{features} random features of {far} tokens", each => FeatureMaps.SummarizeRandom(Placed(question, each, far, position), question.Document.Values(each).narrow(1, 0, far), directions));
                    return new FarRows.Estimate(
                        directions.mul(Scalars.Number(scale)).unsqueeze(0).expand(question.Config.KvHeads, -1, -1), sums[0][layer],
                        queries => ByHead(question, sums[1][layer]) - queries.mul(queries).sum(2, keepdim: true).div_(Scalars.Number(2 * scale * scale)), Placed: true);
                };
            }))
        { BecomesFull = true, Dear = Dear.EachDocument },
        new("linear", MethodFamily.Algebra, "Katharopoulos et al. 2020, Linear Transformer", "one row a dimension of the head for all far tokens, the rest of the budget the last tokens",
            "No training, which it needs; far keys all at one distance.",
            (question, budget) => Estimated(question, budget, Math.Min(question.Config.HeadSize, budget), (_, far) => (layer, position) =>
            {
                IReadOnlyList<Tensor> sums = question.Document.PreparedByLayer(
                    $"elu features of {far} tokens", each => FeatureMaps.SummarizeElu(Placed(question, each, far, position), question.Document.Values(each).narrow(1, 0, far)));
                return new FarRows.Estimate(
                    zeros_like(sums[0][layer]), sums[0][layer], queries => FeatureMaps.Elu(queries).log_().add(ByHead(question, sums[1][layer]), Scalars.One), Placed: true);
            }))
        { BecomesFull = true, Dear = Dear.EachDocument },
        new("linformer", MethodFamily.Algebra, "Wang et al. 2020, Linformer", "all tokens projected to as many rows as the budget has tokens", "The projection is mean pooling, not learned.",
            (question, budget) => question.Tokens <= budget ? StoredRows.All(question) : Pooling.Plan(question, budget, near: 0)) { BecomesFull = true, Dear = Dear.EachDocument },
    ];

    /// <param name="rows">Of the budget, for what is made up.</param>
    /// <param name="estimate">From the number of rows and of far tokens to what gives a layer's rows at a position.</param>
    private static MemoryPlan Estimated(ComparedQuestion question, int budget, int rows, Func<int, int, Func<int, int, FarRows.Estimate>> estimate)
    {
        (int far, int near) = StoredRows.Split(question, budget, budget - rows);
        return far == 0 ? StoredRows.All(question) : FarRows.Before(question, rows, near, packed: false, estimate(rows, far));
    }

    /// <summary>Keys of the first tokens of a layer, all rotated to one position.</summary>
    private static Tensor Placed(ComparedQuestion question, int layer, int tokens, int position) =>
        question.Model.Decoder.Rope.RotateAll(question.Document.Keys(layer).narrow(1, 0, tokens), position);

    /// <summary>Numbers of key/value heads [G, F] for the heads that share them, [H, 1, F].</summary>
    private static Tensor ByHead(ComparedQuestion question, Tensor ofGroups) => ofGroups.repeat_interleave(question.Config.Heads / question.Config.KvHeads, 0).unsqueeze(1);
}
