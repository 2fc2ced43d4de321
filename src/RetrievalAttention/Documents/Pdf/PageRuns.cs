namespace RetrievalAttention.Documents.Pdf;

/// <summary>A page's runs, apart for each reading direction; the first direction is the upright one.</summary>
internal sealed class PageRuns(GlyphPage page)
{
    public int Number { get; } = page.Number;

    public float Height { get; } = page.Height;

    public FontTable Fonts { get; } = page.Fonts;

    public List<TextRun>[] ByTurn { get; } = [.. Enumerable.Range(0, 4).Select(turn => RunBuilder.Build(page.Turned(turn)))];

    /// <summary>The page's lines in reading order, one list per region: upright text first, then what is turned.</summary>
    public List<List<TextLine>> Regions() =>
        [.. ByTurn.SelectMany(Columns.InReadingOrder).Select(runs => LineBuilder.Build(runs, Number, Fonts))];
}
