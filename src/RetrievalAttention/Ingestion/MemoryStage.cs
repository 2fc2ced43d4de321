using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Ingestion;

/// <summary>
/// Reads a document into attention memory, the last and longest stage. What a question about the same file has read already is gone on with, and the
/// other way round: both go through <see cref="MemoryStore"/>, which names files by content and settings.
/// </summary>
/// <param name="open">The one model of the process; called when the first document is read, for opening it takes time.</param>
public sealed class MemoryStage(Func<LoadedModel> open, MemoryOptions options) : IStageRunner
{
    public DocumentStage Goal => DocumentStage.Remembered;

    public Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation)
    {
        Document document = work.Library.LoadDocument(work.Document.Id);
        // Scanned pages without a text layer were reported when the file was read; there is nothing here to fail at.
        if (!string.IsNullOrWhiteSpace(document.Text)) Read(document, work, cancellation);
        return Task.FromResult<Action<SqliteConnection>>(_ => { });
    }

    private void Read(Document document, StageWork work, CancellationToken cancellation)
    {
        MemoryStore memories = new(work.Library.MemoryFolder, options);
        using DocumentMemory memory = memories.OpenOrRead(
            document, open(), MemoryStore.QuestionRoom, forceRetrieval: false, new CheckpointsOf(work), note: null, cancellation);
    }

    /// <summary>Each step that was read is on disk when it is reported. Only new ones count as progress: a job that always dies at the same step is given up.</summary>
    private sealed class CheckpointsOf(StageWork work) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Done > value.AlreadyDone) work.Checkpoint($"{value.Done} tokens", value);
            else work.Report(value);
        }
    }
}
