namespace RetrievalAttention.Indexing;

/// <summary>Bounds of the word index.</summary>
public sealed record WordOptions
{
    /// <summary>
    /// Passages whose score is computed for a query, at most, in each table: words that are in more of them are left out while rarer ones are
    /// there. Default 10,000; 100 to 1,000,000.
    /// </summary>
    public int ScoredPassages { get; init; } = 10_000;

    /// <exception cref="ProblemException">A value is outside its range.</exception>
    public void Validate()
    {
        if (ScoredPassages is < 100 or > 1_000_000)
            throw new ProblemException(ProblemKind.Setting, $"WordOptions: ScoredPassages is {ScoredPassages}, expected 100 to 1000000.");
    }
}
