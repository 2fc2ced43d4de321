using ScottPlot;

namespace RetrievalAttention.Benchmarks.Knn;

/// <summary>Queries a second against the number of vectors, one line an index; both axes are logarithms.</summary>
internal static class KnnPlot
{
    public static void Save(IReadOnlyList<KnnResult> results, string path)
    {
        using var plot = new Plot();
        foreach (IGrouping<string, KnnResult> index in results.GroupBy(result => result.Index))
        {
            KnnResult[] points = [.. index.OrderBy(result => result.Vectors)];
            var line = plot.Add.Scatter(points.Select(point => Math.Log10(point.Vectors)).ToArray(), points.Select(point => Math.Log10(point.QueriesPerSecond)).ToArray());
            line.LegendText = $"{index.Key}, recall@10 {string.Join(" / ", points.Select(point => point.Recall.ToString("F3")))}";
        }
        plot.Axes.Bottom.TickGenerator = Powers();
        plot.Axes.Left.TickGenerator = Powers();
        plot.XLabel("vectors of 384 numbers");
        plot.YLabel("queries a second");
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(path, 900, 600);
    }

    private static ScottPlot.TickGenerators.NumericManual Powers()
    {
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (int power = 0; power <= 7; power++) ticks.AddMajor(power, Math.Pow(10, power).ToString("N0"));
        return ticks;
    }
}
