using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>IVF: keys in the cells of k-means centres (Jégou et al. 2011); the cells whose centres have the largest products with the query are scanned.</summary>
internal static class InvertedLists
{
    private const int Rounds = 12;

    public static AnnMethod Build(float[][] keys, int cells)
    {
        (float[][] centres, int[] cellOf) = Cluster(keys, cells);
        int[][] members = [.. Enumerable.Range(0, cells).Select(_ => Array.Empty<int>())];
        foreach (IGrouping<int, int> cell in Enumerable.Range(0, keys.Length).GroupBy(key => cellOf[key])) members[cell.Key] = [.. cell];
        int[] efforts = [.. new[] { 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7 }.Select(share => Math.Max(1, (int)(share * cells)))];
        return new AnnMethod($"ivf, {cells} cells", efforts, (query, probed) =>
        {
            int[] scanned = [.. Enumerable.Range(0, cells).OrderByDescending(cell => TensorPrimitives.Dot(query, centres[cell])).Take(probed).SelectMany(cell => members[cell])];
            return new AnnFound([.. scanned.OrderByDescending(key => TensorPrimitives.Dot(query, keys[key])).Take(AnnData.Sought)], cells + scanned.Length);
        });
    }

    private static (float[][] Centres, int[] CellOf) Cluster(float[][] keys, int cells)
    {
        using var scope = NewDisposeScope();
        int size = keys[0].Length;
        Tensor all = tensor(keys.SelectMany(key => key).ToArray(), [keys.Length, size]);
        // At equal distances, so that the start is the same each time.
        Tensor centres = all.index_select(0, tensor(Enumerable.Range(0, cells).Select(cell => (long)cell * keys.Length / cells).ToArray()));
        Tensor nearest = Nearest();
        for (int round = 0; round < Rounds; round++)
        {
            Tensor sums = zeros([cells, size]).index_add_(0, nearest, all, 1), counts = zeros([cells]).index_add_(0, nearest, ones([keys.Length]), 1);
            centres = where(counts.gt(0).unsqueeze(1), sums / counts.clamp(min: 1).unsqueeze(1), centres);
            nearest = Nearest();
        }
        return ([.. centres.data<float>().ToArray().Chunk(size)], [.. nearest.data<long>().ToArray().Select(cell => (int)cell)]);

        // The least |key - centre|² is the largest key · centre - |centre|² / 2.
        Tensor Nearest() => cat([.. all.split(8192).Select(part => part.mm(centres.t()).sub_(centres.square().sum([1]) / 2).argmax(1))], 0);
    }
}
