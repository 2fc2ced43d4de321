using RetrievalAttention.Catalog;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Answering.Finding;

/// <summary>The vector index of a library: a copy of the catalog's embeddings that is quick to search, kept in the library's folder.</summary>
public static class LibraryVectors
{
    /// <summary>A file that is still unfinished after this time was left by a process that ended.</summary>
    private static readonly TimeSpan LongestWriting = TimeSpan.FromHours(1);

    /// <summary>Passages embedded before they are stored.</summary>
    private const int Batch = 256;

    /// <summary>
    /// Opens the index of the kind that fits the library's size, and brings it up to what this embedder has embedded by now. After a change of the
    /// embedder that is nothing at first; the queue embeds all books again.
    /// </summary>
    /// <remarks>Where the folder is read-only or the disk full, it is brought up to date in memory, and again the next time.</remarks>
    /// <exception cref="ProblemException">Damaged; the message says how to build it again.</exception>
    public static IVectorIndex Open(Library library, SentenceEmbedder embedder, VectorOptions options, torch.Device device) => Open(library, embedder, options, device, mustSave: false);

    private static IVectorIndex Open(Library library, SentenceEmbedder embedder, VectorOptions options, torch.Device device, bool mustSave)
    {
        HashSet<long> wanted = [.. library.Embeddings.PassagesOf(embedder.Hash)];
        VectorIndexKind kind = options.KindFor(wanted.Count);
        string path = Path.Combine(library.VectorFolder, VectorIndexes.FileName(kind, embedder.Hash));
        VectorIdentity identity = new(embedder.Hash, embedder.Dimensions);
        IVectorIndex index = File.Exists(path) ? VectorIndexes.Open(path, kind, identity, options, device) : VectorIndexes.Create(kind, identity, options, device);
        try
        {
            Keep(index, path, Update(index, wanted, library, embedder.Hash), library, mustSave);
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
    public static int Rebuild(
        Library library, SentenceEmbedder embedder, VectorOptions options, torch.Device device, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        foreach (string file in FilesOf(library)) File.Delete(file);
        foreach (CatalogDocument document in library.Documents.List())
        {
            IReadOnlySet<long> missing = library.Embeddings.MissingOf(document.Id, embedder.Hash);
            foreach (StoredPassage[] batch in library.LoadPassages(document.Id).Where(passage => missing.Contains(passage.Id)).Chunk(Batch))
            {
                IReadOnlyList<float[]> vectors = embedder.Embed([.. batch.Select(passage => passage.Passage.EmbeddedText)], EmbeddingPurpose.Passage, progress, cancellation);
                library.Embeddings.Add(embedder.Hash, batch.Zip(vectors, (passage, vector) => (passage, (ReadOnlyMemory<float>)vector)));
            }
        }
        using IVectorIndex index = Open(library, embedder, options, device, mustSave: true);
        return index.Count;
    }

    /// <summary>Saves what changed, and deletes the files of other kinds and embedders.</summary>
    private static void Keep(IVectorIndex index, string path, bool changed, Library library, bool mustSave)
    {
        try
        {
            if (changed) index.Save(path);
            foreach (string other in FilesOf(library).Where(file => file != path)) File.Delete(other);
        }
        catch (Exception error) when (!mustSave && error is (ProblemException { Kind: ProblemKind.Environment } or IOException or UnauthorizedAccessException))
        {
            // Only time is lost.
        }
    }

    /// <summary>The index files that are there, of any kind and any embedder, without those that another process may be writing.</summary>
    private static IEnumerable<string> FilesOf(Library library) => !Directory.Exists(library.VectorFolder)
        ? []
        : Directory.GetFiles(library.VectorFolder, $"{VectorIndexes.FilePrefix}*")
            .Where(file => !file.EndsWith(VectorFile.Unfinished, StringComparison.Ordinal) || TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > LongestWriting);

    private static bool Update(IVectorIndex index, HashSet<long> wanted, Library library, string embedder)
    {
        HashSet<long> known = [.. index.Ids];
        int removed = index.Remove(known.Except(wanted));
        IReadOnlyList<PassageVector> added = library.Embeddings.Find(embedder, wanted.Except(known));
        index.Add([.. added.Select(vector => vector.Passage)], [.. added.Select(vector => vector.Vector)]);
        return removed > 0 || added.Count > 0;
    }
}
