namespace RetrievalAttention.Indexing;

internal static class Rebuilding
{
    /// <summary>How an index is made again from what the catalog keeps; nothing is lost by it.</summary>
    public const string Advice = "build it again with `ra ingest --rebuild vectors`.";
}
