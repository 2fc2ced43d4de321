using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Measures;
using ScottPlot;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>
/// Plots of a comparison as SVG: each measure's first figure against budget, depth and length, time and bytes against length, and layers by heads. The best method of every family and the one that
/// all are held against have colours.
/// </summary>
internal static class ComparisonPlots
{
    private const int Width = 1100;
    private const int Height = 520;

    public static IEnumerable<string> Of(ComparisonReport report)
    {
        foreach (ComparisonTable table in report.Tables.Where(table => table.Task is null))
            foreach (string plot in OfFile(report, table)) yield return plot;
        foreach (IGrouping<string, ComparisonTable> measure in report.Tables.Where(table => table.Task is not null).GroupBy(table => table.Measure))
            foreach (string plot in ByLength(report, [.. measure])) yield return plot;
    }

    private sealed record Series(string Name, bool Coloured, IReadOnlyList<(double X, double Y)> Points);

    private static IEnumerable<string> OfFile(ComparisonReport report, ComparisonTable table)
    {
        Figure figure = table.Figures[0];
        HashSet<string> shown = Coloured(report, figure, table.Rows);
        if (report.Budgets.Count > 1)
        {
            yield return Lines(
                $"{figure.Title} against budget", "tokens attended to", figure.Title, report.Budgets.Select(budget => budget.ToString("N0")),
                table.Rows.Where(row => row.Budget > 0).GroupBy(row => row.Method).Select(group => new Series(
                    group.Key, shown.Contains(group.Key), [.. group.Select(row => ((double)report.Budgets.ToList().IndexOf(row.Budget), Headline(figure, row)))])));
        }
        if (table.Rows.Any(row => row.ByDepth.Any(value => value is not null)))
        {
            yield return Lines(
                $"{figure.Title} against depth of the evidence, budget {report.Budgets[0]:N0}", "third of the document", figure.Title, ["first", "second", "third"],
                AtSmallestBudget(report, table.Rows).Select(row => new Series(
                    row.Method, shown.Contains(row.Method), [.. row.ByDepth.Select((value, third) => (third, value)).Where(point => point.value is not null).Select(point => ((double)point.third, point.value!.Value))])));
        }
        if (table.ByHead is { } heads) yield return Heads($"{report.HeldAgainst}, budget {report.Budgets[0]:N0}: {figure.Title}", heads);
    }

    private static IEnumerable<string> ByLength(ComparisonReport report, ComparisonTable[] tables)
    {
        Figure figure = tables[0].Figures[0];
        foreach (IGrouping<string?, ComparisonTable> task in tables.GroupBy(table => table.Task))
            yield return ByLength(report, [.. task], figure, $"{task.Key}, budget {report.Budgets[0]:N0}", figure.Title, row => Headline(figure, row));
        yield return ByLength(report, tables, figure, $"Time against length, budget {report.Budgets[0]:N0}", "processor seconds a question", row => row.Seconds);
        yield return ByLength(
            report, tables, figure, $"Keys and values read against length, budget {report.Budgets[0]:N0}", "MB: compared once a question, and attended to for each token",
            row => (row.ComparedBytes + row.AttendedBytes) / 1e6);
    }

    private static string ByLength(ComparisonReport report, ComparisonTable[] tables, Figure figure, string title, string what, Func<ComparisonRow, double> value)
    {
        int[] lengths = [.. tables.Select(table => table.Length).Distinct().Order()];
        (int Length, ComparisonRow Row)[] rows = [.. tables.SelectMany(table => AtSmallestBudget(report, table.Rows).Select(row => (table.Length, row)))];
        HashSet<string> shown = Coloured(report, figure, [.. rows.Select(row => row.Row)]);
        return Lines(title, "tokens of the document", what, lengths.Select(length => length.ToString("N0")), rows.GroupBy(row => row.Row.Method).Select(method => new Series(
            method.Key, shown.Contains(method.Key), [.. method.GroupBy(row => row.Length).OrderBy(group => group.Key).Select(group => ((double)Array.IndexOf(lengths, group.Key), group.Average(row => value(row.Row))))])));
    }

    private static IEnumerable<ComparisonRow> AtSmallestBudget(ComparisonReport report, IEnumerable<ComparisonRow> rows) => rows.Where(row => row.Budget == 0 || row.Budget == report.Budgets[0]);

    private static double Headline(Figure figure, ComparisonRow row) => row.Figures[figure.Name].Mean.Mean;

    /// <summary>The best of every family, and what all are held against.</summary>
    private static HashSet<string> Coloured(ComparisonReport report, Figure figure, IReadOnlyList<ComparisonRow> rows)
    {
        double Badness(IEnumerable<ComparisonRow> ofMethod) => (figure.LowerIsBetter ? 1 : -1) * ofMethod.Average(row => Headline(figure, row));
        return [report.HeldAgainst, .. rows.GroupBy(row => row.Family).Select(family => family.GroupBy(row => row.Method).MinBy(Badness)!.Key)];
    }

    private static string Lines(string title, string x, string y, IEnumerable<string> ticks, IEnumerable<Series> series)
    {
        using Plot plot = new();
        IPalette palette = new ScottPlot.Palettes.Category10();
        int colour = 0;
        foreach (Series one in series.OrderBy(one => one.Coloured))
        {
            if (one.Points.Count == 0) continue;
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(one.Points.Select(point => point.X).ToArray(), one.Points.Select(point => point.Y).ToArray());
            line.Color = one.Coloured ? palette.GetColor(colour++) : Colors.LightGray;
            line.LineWidth = one.Coloured ? 2 : 1;
            if (one.Coloured) line.LegendText = one.Name;
        }
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks.Select((label, place) => new Tick(place, label))]);
        plot.Title(title);
        plot.XLabel(x);
        plot.YLabel(y);
        plot.ShowLegend(Edge.Right);
        return Svg(plot);
    }

    /// <param name="shares">By layer and head.</param>
    private static string Heads(string title, IReadOnlyList<IReadOnlyList<double>> shares)
    {
        using Plot plot = new();
        double[,] cells = new double[shares[0].Count, shares.Count];
        for (int layer = 0; layer < shares.Count; layer++)
            // The first row of a heat map is drawn at the top.
            for (int head = 0; head < shares[layer].Count; head++) cells[shares[layer].Count - 1 - head, layer] = shares[layer][head];
        ScottPlot.Plottables.Heatmap map = plot.Add.Heatmap(cells);
        plot.Add.ColorBar(map);
        plot.Axes.Margins(0, 0);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(1);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(1);
        plot.Title(title);
        plot.XLabel("layer");
        plot.YLabel("query head");
        return Svg(plot);
    }

    private static string Svg(Plot plot)
    {
        string svg = plot.GetSvgXml(Width, Height);
        // Without the XML declaration, which has no place inside a page.
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
    }
}
