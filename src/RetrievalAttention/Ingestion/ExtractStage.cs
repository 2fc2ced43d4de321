using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Ingestion;

/// <summary>Reads a file into text and structure.</summary>
public delegate Task<Document> ReadDocument(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation);

/// <summary>Reads the file of a document and stores its text, sections, pages and paragraphs.</summary>
public sealed class ExtractStage(ReadDocument read, ReadingOptions options) : IStageRunner
{
    public DocumentStage Goal => DocumentStage.Extracted;

    public async Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation)
    {
        IReadOnlyList<string> paths = work.Library.Files.PathsOf(work.Document.Id);
        string path = paths.FirstOrDefault(File.Exists) ?? work.Document.Path;
        Document document = await read(path, options, work, cancellation);
        if (document.ContentHash != work.Document.ContentHash)
        {
            throw new ProblemException(ProblemKind.Document,
                $"'{path}' changed after it was put in the queue, so it was not read. Ingest it again when nothing writes to it.");
        }
        return connection => DocumentContent.Store(connection, work.Document.Id, document);
    }
}
