namespace RetrievalAttention.Indexing;

public enum VectorIndexKind
{
    /// <summary>Exact for a small library, HNSW for a large one.</summary>
    Auto,

    /// <summary>Every vector is compared, by SIMD or on the GPU.</summary>
    Exact,

    /// <summary>A graph of neighbours (USearch).</summary>
    Hnsw,

    /// <summary>FAISS, where its library was built.</summary>
    Faiss,
}

/// <summary>The vector index of a library. Section "Vectors" of appsettings.json.</summary>
public sealed record VectorOptions
{
    /// <summary>Default Auto. Changing it builds the index again from the catalog, without embedding anything again.</summary>
    public VectorIndexKind Index { get; init; } = VectorIndexKind.Auto;

    /// <summary>Auto: passages up to which every vector is compared. Default 200,000; 0 to 100,000,000.</summary>
    public int ExactUpTo { get; init; } = 200_000;

    /// <summary>How the HNSW graph is built and walked.</summary>
    public HnswOptions Hnsw { get; init; } = new();

    /// <summary>Which FAISS index is used.</summary>
    public FaissOptions Faiss { get; init; } = new();

    /// <exception cref="ProblemException">A value is outside its range; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Index)) throw new ProblemException(ProblemKind.Setting, $"Section \"Vectors\" of appsettings.json: Index is {Index}, expected {string.Join(", ", Enum.GetNames<VectorIndexKind>())}.");
        if (ExactUpTo is < 0 or > 100_000_000) throw new ProblemException(ProblemKind.Setting, $"Section \"Vectors\" of appsettings.json: ExactUpTo is {ExactUpTo}, expected 0 to 100000000.");
        Hnsw.Validate();
        Faiss.Validate();
    }

    /// <summary>The kind for a library of so many passages; never <see cref="VectorIndexKind.Auto"/>.</summary>
    public VectorIndexKind KindFor(int passages) =>
        Index != VectorIndexKind.Auto ? Index : passages <= ExactUpTo ? VectorIndexKind.Exact : VectorIndexKind.Hnsw;
}
