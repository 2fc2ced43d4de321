using RetrievalAttention.Embeddings;

namespace RetrievalAttention.Catalog;

/// <summary>
/// Spares an embedder the texts whose vectors a library has: whoever asks about a book that was ingested waits for no embedding. Nothing is added, for a library keeps
/// vectors of its own passages. An embedder with a prefix for passages finds nothing here: the library knows texts without it.
/// </summary>
public sealed class LibraryEmbeddingCache(Library library) : IEmbeddingCache
{
    public IReadOnlyDictionary<string, float[]> Find(string model, IReadOnlyCollection<string> texts) => library.Embeddings.FindByText(model, texts);

    public void Add(string model, IReadOnlyCollection<KeyValuePair<string, float[]>> embeddings)
    {
    }
}
