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
        ReadingOptions resumable = options with { UnfinishedFolder = work.Library.UnfinishedFolder };
        Document document = await read(path, resumable, new CheckpointsOf(work), cancellation);
        if (document.ContentHash != work.Document.ContentHash)
        {
            throw new ProblemException(ProblemKind.Document,
                $"'{path}' changed after it was put in the queue, so it was not read. Ingest it again when nothing writes to it.");
        }
        return connection => DocumentContent.Store(connection, work.Document.Id, document);
    }

    /// <summary>Pages that were reported are kept. That counts as progress, so that a long book whose reading is stopped again and again is not given up while it gets on.</summary>
    private sealed class CheckpointsOf(StageWork work) : IProgress<WorkProgress>
    {
        private const int PagesBetween = 16;

        private long _noted;

        public void Report(WorkProgress value)
        {
            _noted = Math.Clamp(_noted, value.AlreadyDone, value.Done);
            if (value.Unit != "pages" || value.Done - _noted < PagesBetween)
            {
                work.Report(value);
                return;
            }
            _noted = value.Done;
            work.Checkpoint($"{value.Done} pages", value);
        }
    }
}
