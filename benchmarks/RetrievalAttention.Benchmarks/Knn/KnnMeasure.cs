using System.Diagnostics;
using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Benchmarks.Knn;

/// <param name="Recall">Share of the ten closest vectors (float32, compared with all) that the index finds among its ten.</param>
/// <param name="BytesPerVector">Of the saved file.</param>
internal sealed record KnnResult(string Index, int Vectors, double Recall, double QueriesPerSecond, double BuildSeconds, double BytesPerVector);

/// <summary>Fills one index, asks it and saves it.</summary>
internal static class KnnMeasure
{
    public const int Neighbours = 10;
    private const int AddedAtOnce = 10_000;

    public static KnnResult Run(string name, IVectorIndex index, float[][] vectors, float[][] queries, long[][] closest)
    {
        long start = Stopwatch.GetTimestamp();
        for (int first = 0; first < vectors.Length; first += AddedAtOnce)
        {
            float[][] some = vectors[first..Math.Min(vectors.Length, first + AddedAtOnce)];
            index.Add([.. Enumerable.Range(first, some.Length).Select(id => (long)id)], some);
        }
        double build = Stopwatch.GetElapsedTime(start).TotalSeconds;

        foreach (float[] query in queries.Take(10)) index.Search(query, Neighbours);
        start = Stopwatch.GetTimestamp();
        IReadOnlyList<VectorMatch>[] found = [.. queries.Select(query => index.Search(query, Neighbours))];
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        int right = found.Zip(closest, (matches, ids) => matches.Count(match => ids.Contains(match.Id))).Sum();
        return new KnnResult(name, vectors.Length, (double)right / (queries.Length * Neighbours), queries.Length / seconds, build, BytesPerVector(index, vectors.Length));
    }

    /// <returns>Ids of the ten closest vectors of each query, by float32 products with all.</returns>
    public static long[][] Closest(float[][] vectors, float[][] queries)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor all = torch.tensor(vectors.SelectMany(vector => vector).ToArray(), [vectors.Length, vectors[0].Length]);
        return [.. queries.Select(query => ClosestOf(all, query))];
    }

    private static long[] ClosestOf(torch.Tensor vectors, float[] query)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (_, torch.Tensor places) = vectors.mv(torch.tensor(query)).topk(Neighbours, 0);
        return places.data<long>().ToArray();
    }

    private static double BytesPerVector(IVectorIndex index, int vectors)
    {
        string path = Path.GetTempFileName();
        index.Save(path);
        long bytes = new FileInfo(path).Length;
        File.Delete(path);
        return (double)bytes / vectors;
    }
}
