namespace RetrievalAttention.Embeddings;

/// <summary>Keeps embeddings between runs, so that an unchanged passage is never embedded twice. Implementations are safe to use from several threads.</summary>
public interface IEmbeddingCache
{
    /// <param name="model">Hash of the embedder.</param>
    /// <param name="texts">SHA-256 of what was embedded, prefix included, lower-case hexadecimal.</param>
    /// <returns>Those that are known, by text.</returns>
    IReadOnlyDictionary<string, float[]> Find(string model, IReadOnlyCollection<string> texts);

    void Add(string model, IReadOnlyCollection<KeyValuePair<string, float[]>> embeddings);
}
