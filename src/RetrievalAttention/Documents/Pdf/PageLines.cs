namespace RetrievalAttention.Documents.Pdf;

/// <summary>A page's lines in reading order, one list per region (column, table, turned text).</summary>
internal sealed record PageLines(int Number, float Height, IReadOnlyList<List<TextLine>> Regions)
{
    public IEnumerable<TextLine> Lines => Regions.SelectMany(region => region);
}
