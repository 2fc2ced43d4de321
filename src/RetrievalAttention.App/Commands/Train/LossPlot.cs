using ScottPlot;

namespace RetrievalAttention.App.Commands.Train;

/// <summary>Draws losses against steps, smoothed, so that a trend can be seen.</summary>
internal static class LossPlot
{
    private const int Width = 900;
    private const int Height = 420;

    /// <summary>Of the steps that a point is the mean of.</summary>
    private const double SmoothedShare = 0.02;

    /// <summary>Writes NAME.png and NAME.svg.</summary>
    public static void Save(IReadOnlyList<(string Name, IReadOnlyList<double> Losses)> trainings, string what, string name)
    {
        using Plot plot = new();
        foreach ((string training, IReadOnlyList<double> losses) in trainings)
        {
            double[][] windows = [.. losses.Chunk(Math.Max(1, (int)(losses.Count * SmoothedShare)))];
            double[] steps = [.. windows.Select((window, i) => (double)(i * windows[0].Length) + window.Length)];
            plot.Add.Scatter(steps, windows.Select(window => window.Average()).ToArray()).LegendText = training;
        }
        plot.XLabel("step");
        plot.YLabel(what);
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(name + ".png", Width, Height);
        plot.SaveSvg(name + ".svg", Width, Height);
    }
}
