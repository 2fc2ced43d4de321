namespace RetrievalAttention.Indexing;

/// <summary>Compares a query with every row.</summary>
internal interface IRowScan : IDisposable
{
    /// <param name="query">Of length 1.</param>
    /// <param name="ids">Id of each row; a row that may not be found has none.</param>
    IReadOnlyList<VectorMatch> Search(float[] query, int count, HalfRows rows, IReadOnlyList<long?> ids, Func<long, bool>? filter);

    /// <summary>Rows or ids have changed.</summary>
    void Invalidate();
}
