using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <param name="Hash">Fingerprint of the embedder: vectors of equal hashes can be compared.</param>
public sealed record PassageEmbedder(string Hash, IEmbeddingGenerator<string, Embedding<float>> Generator);

/// <summary>Embeds the passages of a document that have no embedding yet, and stores each batch as it is done.</summary>
/// <param name="open">Called when the first document is embedded, for opening a model takes time.</param>
public sealed class EmbedStage(Func<PassageEmbedder> open) : IStageRunner
{
    /// <summary>Passages between two checkpoints.</summary>
    private const int Batch = 64;

    public DocumentStage Goal => DocumentStage.Embedded;

    public async Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation)
    {
        PassageEmbedder embedder = open();
        IReadOnlyList<StoredPassage> passages = work.Library.LoadPassages(work.Document.Id);
        IReadOnlySet<long> missing = work.Library.Embeddings.MissingOf(work.Document.Id, embedder.Hash);
        // Passages of like length share a batch, so that little of it is padding.
        StoredPassage[] unembedded = [.. passages.Where(p => missing.Contains(p.Id)).OrderBy(p => p.Passage.Tokens).ThenBy(p => p.Id)];
        long total = passages.Sum(p => (long)p.Passage.Tokens), known = total - unembedded.Sum(p => (long)p.Passage.Tokens), done = known;
        WorkProgress progress = new($"Embedding {work.Document.Title}", done, total, "tokens", known);
        work.Report(progress);
        foreach (StoredPassage[] batch in unembedded.Chunk(Batch))
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await embedder.Generator.GenerateAsync(
                batch.Select(p => p.Passage.EmbeddedText), cancellationToken: cancellation);
            work.Library.Embeddings.Add(embedder.Hash, batch.Zip(vectors, (passage, vector) => (passage, vector.Vector)));
            done += batch.Sum(p => (long)p.Passage.Tokens);
            work.Checkpoint($"{done} tokens", progress with { Done = done });
        }
        return connection => connection.Execute(
            "UPDATE documents SET embedder = @embedder WHERE id = @id", ("@embedder", embedder.Hash), ("@id", work.Document.Id));
    }
}
