using RetrievalAttention.Evaluation.Comparison;
using ScottPlot;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>Plots of a comparison as SVG: quality against budget, depth and length, time against length. The best method of every family and the one that all are held against have colours.</summary>
internal static class ComparisonPlots
{
    private const int Width = 1100;
    private const int Height = 520;
    private const string Nll = "NLL, nats per token";

    public static IEnumerable<string> Of(ComparisonReport report)
    {
        foreach (ComparisonTable table in report.Tables.Where(table => table.Task is null))
        {
            HashSet<string> shown = Coloured(report, table.Rows);
            if (report.Budgets.Count > 1)
                yield return Lines("Quality against budget", "tokens attended to", Nll, report.Budgets.Select(budget => budget.ToString("N0")), ByMethod(table.Rows, shown, row => report.Budgets.ToList().IndexOf(row.Budget), row => row.Nll.Mean));
            yield return Lines(
                $"Quality against depth of the evidence, budget {report.Budgets[0]:N0}", "third of the document", Nll, ["first", "second", "third"],
                table.Rows.Where(row => row.Budget == 0 || row.Budget == report.Budgets[0]).Select(row => new Series(
                    row.Method, shown.Contains(row.Method), [.. row.NllByDepth.Select((nll, third) => (third, nll)).Where(point => point.nll is not null).Select(point => ((double)point.third, point.nll!.Value))])));
        }
        int[] lengths = [.. report.Tables.Where(table => table.Task is not null).Select(table => table.Length).Distinct().Order()];
        foreach (IGrouping<string?, ComparisonTable> task in report.Tables.Where(table => table.Task is not null).GroupBy(table => table.Task))
            yield return ByLength(report, lengths, task, $"{task.Key}, budget {report.Budgets[0]:N0}", Nll, row => row.Nll.Mean);
        if (lengths.Length > 0)
            yield return ByLength(report, lengths, report.Tables.Where(table => table.Task is not null), $"Time against length, budget {report.Budgets[0]:N0}", "processor seconds a question", row => row.Seconds);
    }

    private sealed record Series(string Name, bool Coloured, IReadOnlyList<(double X, double Y)> Points);

    private static string ByLength(ComparisonReport report, int[] lengths, IEnumerable<ComparisonTable> tables, string title, string what, Func<ComparisonRow, double> value)
    {
        (int Length, ComparisonRow Row)[] rows = [.. tables.SelectMany(table => table.Rows.Where(row => row.Budget == 0 || row.Budget == report.Budgets[0]).Select(row => (table.Length, row)))];
        HashSet<string> shown = Coloured(report, [.. rows.Select(row => row.Row)]);
        return Lines(title, "tokens of the document", what, lengths.Select(length => length.ToString("N0")), rows.GroupBy(row => row.Row.Method).Select(method => new Series(
            method.Key, shown.Contains(method.Key), [.. method.GroupBy(row => row.Length).OrderBy(group => group.Key).Select(group => ((double)Array.IndexOf(lengths, group.Key), group.Average(row => value(row.Row))))])));
    }

    private static IEnumerable<Series> ByMethod(IReadOnlyList<ComparisonRow> rows, HashSet<string> shown, Func<ComparisonRow, int> x, Func<ComparisonRow, double> y) =>
        rows.Where(row => row.Budget > 0).GroupBy(row => row.Method).Select(group => new Series(group.Key, shown.Contains(group.Key), [.. group.Select(row => ((double)x(row), y(row)))]));

    /// <summary>The best of every family, and what all are held against.</summary>
    private static HashSet<string> Coloured(ComparisonReport report, IReadOnlyList<ComparisonRow> rows) =>
        [report.HeldAgainst, .. rows.GroupBy(row => row.Family).Select(family => family.GroupBy(row => row.Method).MinBy(method => method.Average(row => row.Nll.Mean))!.Key)];

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
        string svg = plot.GetSvgXml(Width, Height);
        // Without the XML declaration, which has no place inside a page.
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
    }
}
