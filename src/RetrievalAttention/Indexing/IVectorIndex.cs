namespace RetrievalAttention.Indexing;

/// <summary>What vectors an index holds: those of different identities cannot be compared.</summary>
/// <param name="Embedder">Hash of the embedder.</param>
/// <param name="Dimensions">Numbers a vector.</param>
public sealed record VectorIdentity(string Embedder, int Dimensions);

/// <param name="Score">Cosine similarity, -1 to 1; higher is closer.</param>
public readonly record struct VectorMatch(long Id, float Score);

/// <summary>
/// Finds the vectors that point most nearly in the direction of another. Vectors get length 1 when they are added. Safe to use from several
/// threads: searches run beside each other, changes one at a time. What was added and not saved is lost when the process ends.
/// </summary>
public interface IVectorIndex : IDisposable
{
    VectorIdentity Identity { get; }

    /// <summary>Vectors that can be found.</summary>
    int Count { get; }

    /// <summary>A copy of the ids of all vectors, in no order.</summary>
    IReadOnlyCollection<long> Ids { get; }

    /// <summary>Adds vectors; one whose id is known takes the place of the old one.</summary>
    /// <exception cref="ProblemException">A vector has another number of dimensions, or a NaN or an infinity; then none is added.</exception>
    void Add(IReadOnlyList<long> ids, IReadOnlyList<float[]> vectors);

    /// <summary>Unknown ids are passed over.</summary>
    /// <returns>How many were removed.</returns>
    int Remove(IEnumerable<long> ids);

    /// <summary>The vector with length 1, as exactly as the index keeps it; null when the id is unknown.</summary>
    float[]? Find(long id);

    /// <summary>The closest first; of equally close ones the lower id first.</summary>
    /// <param name="filter">Which ids may be found; null for all.</param>
    /// <returns>Up to <paramref name="count"/> matches.</returns>
    /// <exception cref="ProblemException">As for <see cref="Add"/>.</exception>
    IReadOnlyList<VectorMatch> Search(ReadOnlySpan<float> query, int count, Func<long, bool>? filter = null);

    /// <summary>Writes a file that its Open method reads; an older file of that name is replaced in one step or stays as it was.</summary>
    /// <exception cref="ProblemException">The file cannot be written.</exception>
    void Save(string path);
}
