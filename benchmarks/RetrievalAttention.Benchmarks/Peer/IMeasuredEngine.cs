namespace RetrievalAttention.Benchmarks.Peer;

/// <summary>
/// A decoder whose speed is measured: whatever reads tokens and writes tokens after them. Every engine of a run gets the same
/// ids, so only ids cross this border.
/// </summary>
public interface IMeasuredEngine : IDisposable
{
    /// <summary>For the table: "llama.cpp (avx512)".</summary>
    string Name { get; }

    /// <summary>Forgets what was read.</summary>
    void Clear();

    /// <summary>Reads tokens after those read so far, in batches of the engine's own choice up to 512.</summary>
    void Read(IReadOnlyList<int> tokens);

    /// <summary>Writes greedily after what was read; each id written is read in turn.</summary>
    /// <param name="count">How many tokens; an end token does not stop it.</param>
    IReadOnlyList<int> Write(int count);
}
