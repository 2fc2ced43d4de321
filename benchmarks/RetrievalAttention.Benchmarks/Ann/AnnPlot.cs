using ScottPlot;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>Recall against the share of keys compared (a logarithm): solid for questions, dotted for keys as queries.</summary>
internal static class AnnPlot
{
    public static void Save(IReadOnlyList<AnnPoint> points, string path)
    {
        using var plot = new Plot();
        Color[] colors = [Colors.DarkBlue, Colors.SteelBlue, Colors.DarkOrange, Colors.Gray, Colors.DarkGreen];
        foreach ((int i, IGrouping<string, AnnPoint> method) in points.GroupBy(point => point.Method).Index())
        {
            foreach (IGrouping<string, AnnPoint> queries in method.GroupBy(point => point.Queries))
            {
                AnnPoint[] curve = [.. queries.OrderBy(point => point.Scanned)];
                var line = plot.Add.Scatter(curve.Select(point => Math.Log10(point.Scanned)).ToArray(), curve.Select(point => point.Recall).ToArray(), colors[i % colors.Length]);
                line.LinePattern = queries.Key == method.First().Queries ? LinePattern.Solid : LinePattern.Dotted;
                line.LegendText = $"{method.Key}, {queries.Key}";
            }
        }
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach (double share in (double[])[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]) ticks.AddMajor(Math.Log10(share), $"{100 * share:0.#} %");
        plot.Axes.Bottom.TickGenerator = ticks;
        plot.XLabel("keys compared with the query");
        plot.YLabel($"recall@{AnnData.Sought}");
        plot.Axes.SetLimitsY(0, 1.02);
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(path, 900, 600);
    }
}
