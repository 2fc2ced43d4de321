namespace RetrievalAttention.Indexing;

public enum FaissKind
{
    /// <summary>Every vector is compared.</summary>
    Flat,

    /// <summary>Vectors are sorted into cells, of which some are compared; float16.</summary>
    Ivf,

    /// <summary>A graph of neighbours.</summary>
    Hnsw,
}

/// <summary>The FAISS index. Part "Faiss" of the section "Vectors".</summary>
public sealed record FaissOptions
{
    /// <summary>Default: Ivf.</summary>
    public FaissKind Kind { get; init; } = FaissKind.Ivf;

    /// <summary>Path of libra_faiss.so, which src/native/faiss-shim builds; null (default) for the one beside the program.</summary>
    public string? Library { get; init; }

    /// <summary>Ivf: the share of cells that is compared. Default 0.0625; above 0, up to 1.</summary>
    public double ProbedCells { get; init; } = 0.0625;

    /// <exception cref="ProblemException">A value is outside its range.</exception>
    public void Validate()
    {
        if (ProbedCells is not (> 0 and <= 1))
            throw new ProblemException(ProblemKind.Setting, $"Section \"Vectors:Faiss\" of appsettings.json: ProbedCells is {ProbedCells}, expected above 0, up to 1.");
    }
}
