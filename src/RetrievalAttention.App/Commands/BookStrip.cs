using RetrievalAttention.Answering.Summaries;
using ScottPlot;

namespace RetrievalAttention.App.Commands;

/// <summary>Draws a book as a strip: how central each block of 64 tokens is to the whole, over its sections.</summary>
internal static class BookStrip
{
    private const int Width = 1600;
    private const int Height = 420;

    /// <summary>Section titles beyond this number would overlap.</summary>
    private const int MostTitles = 60;

    /// <summary>Blocks over which the line is smoothed.</summary>
    private const int Smoothed = 9;

    /// <exception cref="ProblemException">The name ends in neither .png nor .svg.</exception>
    public static void RequireKnownFormat(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".png" or ".svg"))
            throw new ProblemException(ProblemKind.Setting, $"The image is to be written to '{path}'; expected a name that ends in .png or .svg.");
    }

    public static void Save(BookOutline outline, string path)
    {
        using Plot plot = new();
        for (int i = 0; i < outline.Sections.Count; i++)
        {
            OutlineSection section = outline.Sections[i];
            ScottPlot.Plottables.HorizontalSpan span = plot.Add.HorizontalSpan(section.FirstBlock, section.LastBlock + 1);
            span.FillStyle.Color = (i % 2 == 0 ? Colors.SteelBlue : Colors.LightGray).WithAlpha(.25);
            span.LineStyle.Width = 0;
        }
        double[] smooth = Smooth(outline.Salience);
        ScottPlot.Plottables.Signal line = plot.Add.Signal(smooth);
        line.Color = Colors.DarkBlue;
        if (outline.Sections.Count <= MostTitles)
        {
            Tick[] ticks = [.. outline.Sections.Select(section => new Tick((section.FirstBlock + section.LastBlock + 1) / 2.0, section.HeadingPath.Count == 0 ? "" : section.HeadingPath[^1]))];
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(ticks);
            plot.Axes.Bottom.TickLabelStyle.Rotation = 45;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
            plot.Axes.Bottom.MinimumSize = 140;
        }
        plot.Axes.SetLimitsX(0, Math.Max(1, outline.Salience.Count));
        plot.Title(outline.Title);
        plot.YLabel("salience");
        if (Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase)) plot.SaveSvg(path, Width, Height);
        else plot.SavePng(path, Width, Height);
    }

    private static double[] Smooth(IReadOnlyList<double> values) =>
        [.. Enumerable.Range(0, values.Count).Select(i => values.Skip(Math.Max(0, i - Smoothed / 2)).Take(Smoothed).Average())];
}
