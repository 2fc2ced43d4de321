using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Catalog;
using RetrievalAttention.Tests.Memory;

namespace RetrievalAttention.Tests.Ingestion;

public class MemoryStageTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private sealed class NoEmbedding : IStageRunner
    {
        public DocumentStage Goal => DocumentStage.Embedded;

        public Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation) => Task.FromResult<Action<SqliteConnection>>(_ => { });
    }

    [Fact]
    public async Task EveryDocumentEndsWithTheMemoryThatAQuestionWouldMake()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("tiny.txt", tiny.Text);
        temporary.Write("other.txt", $"Another book. {tiny.Text}");
        await IngestAsync(temporary, null, TestContext.Current.CancellationToken);
        Assert.All(temporary.Library.Documents.List(), document => Assert.Equal(DocumentStage.Remembered, document.Stage));
        string memory = MemoryOf(temporary);
        Assert.Equal(Path.GetFileName(tiny.Path), Path.GetFileName(memory));
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(memory));
        Assert.Equal(2, Directory.GetFiles(temporary.Library.MemoryFolder, "*.memory").Length);

        temporary.Library.Remove(temporary.Library.Documents.Find("tiny").Id);
        Assert.DoesNotContain(Directory.GetFiles(temporary.Library.MemoryFolder), file => Path.GetFileName(file).StartsWith(tiny.Document.ContentHash, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatAQuestionReadBeforeIsNotReadAgain()
    {
        using TemporaryLibrary temporary = new();
        string path = temporary.Write("tiny.txt", tiny.Text);
        Document asked = DocumentReaders.All.Read(path, new ReadingOptions(), null, CancellationToken.None);
        new MemoryStore(temporary.Library.MemoryFolder, TinyMemories.Options).OpenOrRead(asked, tiny.Model, MemoryStore.QuestionRoom, false, null, null, CancellationToken.None).Dispose();
        List<WorkProgress> reading = [];
        await IngestAsync(temporary, new CallbackProgress(report =>
        {
            if (report.Task.Contains("Reading", StringComparison.Ordinal) && report.Unit == "tokens") reading.Add(report);
        }), TestContext.Current.CancellationToken);
        Assert.Equal(DocumentStage.Remembered, temporary.Library.Documents.Find("tiny").Stage);
        Assert.Empty(reading);
    }

    [Fact]
    public async Task AStoppedReadingGoesOnAtItsCheckpointToTheSameBytes()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("tiny.txt", tiny.Text);
        int stops = 0;
        for (int run = 0; run < 20; run++)
        {
            using CancellationTokenSource cancelled = new();
            CallbackProgress stopper = new(report =>
            {
                if (report.Unit == "tokens" && report.Done > report.AlreadyDone) cancelled.Cancel();
            });
            try
            {
                await IngestAsync(temporary, stopper, cancelled.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
                if (temporary.Library.Jobs.Status() is not [JobStatus job]) break;
                Assert.Equal((DocumentStage.Remembered, false, false), (job.Goal, job.Running, job.Failed));
                Assert.Equal(StoredMemory.Examine(Directory.GetFiles(temporary.Library.MemoryFolder))[0].Tokens, job.Done);
            }
        }
        Assert.InRange(stops, 3, 19);
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(MemoryOf(temporary)));
    }

    [Fact]
    public async Task ADocumentWithoutTextHasNothingToRemember()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("blank.md", "<!-- nothing -->\n\n \n");
        await IngestAsync(temporary, null, TestContext.Current.CancellationToken);
        CatalogDocument document = Assert.Single(temporary.Library.Documents.List());
        Assert.True(document.Problem is null || document.Stage == DocumentStage.Queued, document.Problem);
    }

    private static string MemoryOf(TemporaryLibrary temporary) =>
        temporary.Library.FilesOf(temporary.Library.Documents.Find("tiny").ContentHash).Single(file => file.EndsWith(StoredMemory.Extension, StringComparison.Ordinal));

    private async Task IngestAsync(TemporaryLibrary temporary, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        new LibraryScanner(temporary.Library).Scan([temporary.Files], null, cancellation);
        ReadDocument read = (path, options, report, token) => Task.FromResult(DocumentReaders.All.Read(path, options, report, token));
        IStageRunner[] stages =
        [
            new ExtractStage(read, new ReadingOptions()),
            new PassagesStage(text => text.Length / 4, new PassageOptions()),
            new NoEmbedding(),
            new MemoryStage(() => tiny.Model, TinyMemories.Options),
        ];
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        await new IngestionPipeline(temporary.Library, stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, progress, cancellation);
    }
}
