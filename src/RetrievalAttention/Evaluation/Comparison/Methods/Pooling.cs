using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Runs of consecutive tokens as their mean keys and values.</summary>
internal static class Pooling
{
    /// <param name="pools">Rows into which all that is not near is pooled.</param>
    /// <param name="near">Last tokens that are kept exact.</param>
    public static MemoryPlan Plan(ComparedQuestion question, int pools, int near)
    {
        int far = question.Tokens - near;
        IReadOnlyList<Tensor> pooled = question.Document.PreparedByLayer($"{far} tokens pooled into {pools}", layer =>
            [Means(question.Document.Keys(layer).narrow(1, 0, far), pools), Means(question.Document.Values(layer).narrow(1, 0, far), pools)]);
        return FarRows.Before(question, pools, near, packed: true, (layer, _) => new FarRows.Estimate(pooled[0][layer], pooled[1][layer]));
    }

    /// <summary>[G, N, D] to the means of runs of nearly equal length, [G, P, D]; P is at most N.</summary>
    private static Tensor Means(Tensor tokens, int pools)
    {
        Tensor pool = arange(Scalars.Integer(tokens.shape[1]), int64, tokens.device).mul_(Scalars.Integer(pools)).div_(Scalars.Integer(tokens.shape[1]), RoundingMode.floor);
        Tensor sums = zeros([tokens.shape[0], pools, tokens.shape[2]], float32, tokens.device).index_add_(1, pool, tokens, Scalars.One);
        return sums.div_(pool.bincount(null, pools).to(float32).view(1, -1, 1));
    }
}
