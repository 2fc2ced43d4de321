using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// How much one head's queries look at each block of a document, from token-level keys in libtorch: for calibration and on a GPU, and the reference of the scan of
/// int8 keys. The arithmetic of the first look (design section 2).
/// </summary>
public static class BlockScores
{
    /// <summary>Distance at which every key is compared: the queries are rotated by it, the keys not at all.</summary>
    public const int FixedDistance = 256;

    /// <summary>Tokens compared at once; bounds the memory of a scan.</summary>
    private const int ScanTokens = 128 * KvCodec.BlockTokens;

    /// <summary>
    /// Σ over query tokens of sqrt(the share of the attention over the whole document that falls into the block), divided by its standard
    /// deviation over blocks, so that heads can be added. The root matters: plain sums find far less.
    /// </summary>
    /// <param name="queries">[T, D], rotated by <see cref="FixedDistance"/>, float32.</param>
    /// <param name="keys">[N, D], before rotary embedding, of any float type.</param>
    /// <param name="weights">Weight of each query token's term; null for 1.</param>
    /// <returns>One score a block of 64 tokens.</returns>
    public static double[] Of(Tensor queries, Tensor keys, IReadOnlyList<double>? weights = null)
    {
        using var scope = NewDisposeScope();
        Tensor scaled = queries.div(Scalars.Number(Math.Sqrt(queries.shape[1])));
        List<Tensor> parts = [];
        int tokens = (int)keys.shape[0];
        for (int first = 0; first < tokens; first += ScanTokens)
        {
            parts.Add(LogMassByBlock(scaled, keys.narrow(0, first, Math.Min(ScanTokens, tokens - first))));
        }
        Tensor byBlock = cat(parts, 1);
        Tensor terms = byBlock.sub(byBlock.logsumexp(1, keepdim: true)).mul_(Scalars.Number(0.5)).exp_();
        if (weights is not null) terms = terms * tensor(weights.ToArray(), float32, terms.device).unsqueeze(1);
        float[] scores = terms.sum([0]).cpu().data<float>().ToArray();
        return DividedByDeviation(scores);
    }

    /// <summary>So that heads can be added.</summary>
    internal static double[] DividedByDeviation(IReadOnlyList<float> scores) => DividedByDeviation([.. scores.Select(score => (double)score)]);

    /// <inheritdoc cref="DividedByDeviation(IReadOnlyList{float})"/>
    internal static double[] DividedByDeviation(double[] scores)
    {
        double mean = scores.Average(), deviation = Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / Math.Max(1, scores.Length - 1));
        return [.. scores.Select(score => deviation > 0 ? score / deviation : 0)];
    }

    /// <summary>Logarithm of the unnormalised attention to each block: [T, n] products to [T, blocks].</summary>
    private static Tensor LogMassByBlock(Tensor queries, Tensor keys)
    {
        using var scope = NewDisposeScope();
        Tensor scores = queries.mm(keys.to(float32).t());
        long missing = -keys.shape[0] & (KvCodec.BlockTokens - 1);
        if (missing > 0) scores = cat([scores, full([scores.shape[0], missing], Scalars.MinusInfinity, float32, scores.device)], 1);
        return scores.view(scores.shape[0], -1, KvCodec.BlockTokens).logsumexp(2).MoveToOuterDisposeScope();
    }
}
