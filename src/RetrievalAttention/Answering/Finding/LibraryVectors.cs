using RetrievalAttention.Catalog;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Answering.Finding;

/// <summary>The vector index of a library: a copy of the catalog's embeddings that is quick to search, kept in the library's folder.</summary>
public static class LibraryVectors
{
    /// <summary>Passages embedded before they are stored.</summary>
    private const int Batch = 256;

    public static string PathIn(Library library) => Path.Combine(library.VectorFolder, "passages.exact");

    /// <summary>Opens the index, and brings it up to what is embedded by now.</summary>
    /// <exception cref="ProblemException">Damaged, or made by another embedder; the message says how to build it again.</exception>
    public static ExactVectorIndex Open(Library library, SentenceEmbedder embedder, torch.Device device)
    {
        string path = PathIn(library);
        VectorIdentity identity = new(embedder.Hash, embedder.Dimensions);
        ExactVectorIndex index = File.Exists(path) ? ExactVectorIndex.Open(path, identity, device) : ExactVectorIndex.Create(identity, device);
        try
        {
            if (Update(index, library, embedder.Hash)) index.Save(path);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Embeds what this embedder has not embedded yet, and builds the index anew.</summary>
    /// <returns>Vectors in it.</returns>
    /// <exception cref="OperationCanceledException">Stopped; what was embedded is kept.</exception>
    public static int Rebuild(Library library, SentenceEmbedder embedder, torch.Device device, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        File.Delete(PathIn(library));
        foreach (CatalogDocument document in library.Documents.List())
        {
            IReadOnlySet<long> missing = library.Embeddings.MissingOf(document.Id, embedder.Hash);
            foreach (StoredPassage[] batch in library.LoadPassages(document.Id).Where(passage => missing.Contains(passage.Id)).Chunk(Batch))
            {
                IReadOnlyList<float[]> vectors = embedder.Embed([.. batch.Select(passage => passage.Passage.EmbeddedText)], EmbeddingPurpose.Passage, progress, cancellation);
                library.Embeddings.Add(embedder.Hash, batch.Zip(vectors, (passage, vector) => (passage, (ReadOnlyMemory<float>)vector)));
            }
        }
        using ExactVectorIndex index = Open(library, embedder, device);
        return index.Count;
    }

    private static bool Update(ExactVectorIndex index, Library library, string embedder)
    {
        HashSet<long> wanted = [.. library.Embeddings.PassagesOf(embedder)];
        HashSet<long> known = [.. index.Ids];
        int removed = index.Remove(known.Except(wanted));
        IReadOnlyList<PassageVector> added = library.Embeddings.Find(embedder, wanted.Except(known));
        index.Add([.. added.Select(vector => vector.Passage)], [.. added.Select(vector => vector.Vector)]);
        return removed > 0 || added.Count > 0;
    }
}
