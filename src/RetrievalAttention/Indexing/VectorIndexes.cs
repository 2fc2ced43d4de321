using TorchSharp;

namespace RetrievalAttention.Indexing;

/// <summary>Opens and creates the index that the settings ask for.</summary>
public static class VectorIndexes
{
    /// <summary>How the names of all index files begin.</summary>
    public const string FilePrefix = "passages";

    /// <summary>Name of the file in which an index of this kind is kept: vectors of two embedders never meet in one file.</summary>
    public static string FileName(VectorIndexKind kind, string embedder) => $"{FilePrefix}-{embedder[..12]}.{kind}".ToLowerInvariant();

    /// <param name="kind">Any but <see cref="VectorIndexKind.Auto"/>.</param>
    /// <param name="device">Where an exact index compares.</param>
    /// <exception cref="ProblemException">FAISS is asked for and not there.</exception>
    public static IVectorIndex Create(VectorIndexKind kind, VectorIdentity identity, VectorOptions options, torch.Device device) => kind switch
    {
        VectorIndexKind.Hnsw => HnswVectorIndex.Create(identity, options.Hnsw),
        VectorIndexKind.Faiss => FaissVectorIndex.Create(identity, options.Faiss),
        VectorIndexKind.Exact => ExactVectorIndex.Create(identity, device),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Choose by VectorOptions.KindFor."),
    };

    /// <inheritdoc cref="Create"/>
    /// <exception cref="ProblemException">Missing, damaged, or made by another embedder; the message names the file and how to rebuild it.</exception>
    public static IVectorIndex Open(string path, VectorIndexKind kind, VectorIdentity identity, VectorOptions options, torch.Device device) => kind switch
    {
        VectorIndexKind.Hnsw => HnswVectorIndex.Open(path, identity, options.Hnsw),
        VectorIndexKind.Faiss => FaissVectorIndex.Open(path, identity, options.Faiss),
        VectorIndexKind.Exact => ExactVectorIndex.Open(path, identity, device),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Choose by VectorOptions.KindFor."),
    };
}
