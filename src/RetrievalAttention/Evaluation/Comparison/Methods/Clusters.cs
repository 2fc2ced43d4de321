using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>
/// Clusters of keys by direction, within segments of the document (Chen et al. 2025, RetroInfer: segmented spherical k-means). A cluster stands for its members by
/// mean key, mean value and number.
/// </summary>
internal static class Clusters
{
    private const int SegmentTokens = 8192;
    private const int Rounds = 4;

    /// <param name="keys">[G, N, D].</param>
    /// <param name="values">[G, N, D].</param>
    /// <param name="count">C, at most N.</param>
    /// <returns>Mean keys [G, C, D], mean values [G, C, D], and logarithms of the numbers of members [G, C].</returns>
    public static IReadOnlyList<Tensor> Of(Tensor keys, Tensor values, int count)
    {
        long tokens = keys.shape[1];
        List<IReadOnlyList<Tensor>> segments = [];
        int made = 0;
        for (long first = 0; first < tokens; first += SegmentTokens)
        {
            long length = Math.Min(SegmentTokens, tokens - first);
            int until = (int)(count * (first + length) / tokens);
            if (until > made) segments.Add(OfSegment(keys.narrow(1, first, length), values.narrow(1, first, length), until - made));
            made = until;
        }
        return [.. Enumerable.Range(0, 3).Select(part => cat(segments.Select(segment => segment[part]).ToArray(), 1))];
    }

    private static IReadOnlyList<Tensor> OfSegment(Tensor keys, Tensor values, int count)
    {
        Tensor seeds = arange(Scalars.Integer(count), int64, keys.device).mul_(Scalars.Integer(keys.shape[1])).div_(Scalars.Integer(count), RoundingMode.floor);
        Tensor means = keys.index_select(1, seeds);
        Tensor members = zeros(0);
        for (int round = 0; round < Rounds; round++)
        {
            Tensor directions = nn.functional.normalize(means, dim: 2);
            members = keys.bmm(directions.transpose(1, 2)).argmax(2);
            means = Means(keys, members, count);
        }
        Tensor sizes = zeros([keys.shape[0], count], float32, keys.device).scatter_add_(1, members, ones_like(members, float32));
        return [means, Means(values, members, count), sizes.log()];
    }

    /// <summary>Means by cluster [G, C, D]; zeros where a cluster has no member.</summary>
    private static Tensor Means(Tensor rows, Tensor members, int count)
    {
        Tensor at = members.unsqueeze(2).expand(-1, -1, rows.shape[2]);
        Tensor sums = zeros([rows.shape[0], count, rows.shape[2]], float32, rows.device).scatter_add_(1, at, rows);
        Tensor sizes = zeros([rows.shape[0], count], float32, rows.device).scatter_add_(1, members, ones_like(members, float32));
        return sums.div_(sizes.clamp_(min: Scalars.One).unsqueeze(2));
    }
}
