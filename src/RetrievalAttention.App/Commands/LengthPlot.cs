using RetrievalAttention.Evaluation.Length;
using ScottPlot;

namespace RetrievalAttention.App.Commands;

/// <summary>Draws first-token time and writing speed against the length of the book.</summary>
internal static class LengthPlot
{
    private const int Width = 900;
    private const int Height = 420;

    /// <summary>Writes NAME.png and NAME.svg.</summary>
    public static void Save(IReadOnlyList<LengthPoint> points, string name)
    {
        using Plot plot = new();
        double[] lengths = [.. points.Select(point => Math.Log10(point.Tokens))];
        ScottPlot.Plottables.Scatter first = plot.Add.Scatter(lengths, points.Select(point => point.FirstTokenMilliseconds).ToArray(), Colors.DarkBlue);
        first.LegendText = "first token, ms (left)";
        ScottPlot.Plottables.Scatter writing = plot.Add.Scatter(lengths, points.Select(point => point.WritingTokensPerSecond).ToArray(), Colors.DarkOrange);
        writing.LegendText = "writing, tokens/s (right)";
        writing.Axes.YAxis = plot.Axes.Right;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. points.Select(point => new Tick(Math.Log10(point.Tokens), $"{point.Tokens:N0}"))]);
        plot.XLabel("tokens of the book");
        plot.Axes.Left.Label.Text = "ms";
        plot.Axes.Right.Label.Text = "tokens/s";
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, 1.25 * points.Max(point => point.FirstTokenMilliseconds), plot.Axes.Left);
        plot.Axes.SetLimitsY(0, 1.25 * points.Max(point => point.WritingTokensPerSecond), plot.Axes.Right);
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(name + ".png", Width, Height);
        plot.SaveSvg(name + ".svg", Width, Height);
    }
}
