namespace RetrievalAttention.Benchmarks.Ann;

/// <param name="Keys">The best keys that it met, in no order.</param>
/// <param name="Products">Keys that were compared with the query; what else was compared (centres of cells) counts too.</param>
internal readonly record struct AnnFound(IReadOnlyCollection<int> Keys, int Products);

/// <summary>A way to look at some keys only.</summary>
/// <param name="Efforts">Settings from few to many keys.</param>
/// <param name="Search">The <see cref="AnnData.Sought"/> best keys for a query, at an effort.</param>
internal sealed record AnnMethod(string Name, IReadOnlyList<int> Efforts, Func<float[], int, AnnFound> Search);

/// <param name="Scanned">Mean share of the keys that were compared.</param>
/// <param name="Recall">Mean share of the <see cref="AnnData.Sought"/> nearest keys that were found.</param>
internal sealed record AnnPoint(string Method, string Queries, int Effort, double Scanned, double Recall)
{
    public static IEnumerable<AnnPoint> Measure(AnnMethod method, string name, AnnQueries queries, int keys) => method.Efforts.Select(effort =>
    {
        double scanned = 0, recall = 0;
        for (int i = 0; i < queries.Vectors.Length; i++)
        {
            AnnFound found = method.Search(queries.Vectors[i], effort);
            HashSet<int> nearest = [.. queries.Nearest[i]];
            scanned += (double)found.Products / keys;
            recall += (double)found.Keys.Count(nearest.Contains) / AnnData.Sought;
        }
        return new AnnPoint(method.Name, name, effort, scanned / queries.Vectors.Length, recall / queries.Vectors.Length);
    });

    /// <summary>Share of the keys that has to be compared for a recall, between the points of one curve; null where it is not reached.</summary>
    public static double? ScannedFor(IEnumerable<AnnPoint> curve, double recall)
    {
        AnnPoint? before = null;
        foreach (AnnPoint point in curve.OrderBy(point => point.Scanned))
        {
            if (point.Recall >= recall)
                return before is null || point.Recall == before.Recall ? point.Scanned : before.Scanned + (recall - before.Recall) / (point.Recall - before.Recall) * (point.Scanned - before.Scanned);
            before = point;
        }
        return null;
    }
}
