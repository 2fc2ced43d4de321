using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Indexing;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Catalog;

namespace RetrievalAttention.Tests.Ingestion;

public class IngestionPipelineTests
{
    /// <summary>Reads any file as one section of one paragraph; files that begin with "!" do what they say.</summary>
    private static Task<Document> Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string text = File.ReadAllText(path);
        return text switch
        {
            "!damaged" => throw new ProblemException(ProblemKind.Document, $"'{path}' is damaged."),
            "!crash" => throw new IndexOutOfRangeException("a reader's bug"),
            "!full" => throw new ProblemException(ProblemKind.Environment, "No space left."),
            "!timeout" => throw new TaskCanceledException("a time limit inside the reader"),
            "!wait" => Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ContinueWith<Document>(_ => throw new OperationCanceledException(cancellation)),
            _ => Task.FromResult(new Document
            {
                Path = path,
                Format = RetrievalAttention.Documents.DocumentFormat.Text,
                Title = Path.GetFileNameWithoutExtension(path),
                ContentHash = TemporaryLibrary.HashOf(text),
                Text = text,
                SourceOffset = 0,
                Sections = [new Section([], 0, text.Length)],
                Paragraphs = [new Paragraph(0, text.Length, ParagraphKind.Body)],
            }),
        };
    }

    private static int CountWords(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    private static IStageRunner[] Stages => [new ExtractStage(Read, new ReadingOptions()), new PassagesStage(CountWords, new PassageOptions())];

    [Fact]
    public async Task EveryReadableFileBecomesSearchableAndBadOnesAreResults()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "A good book. It has two sentences.");
        temporary.Write("b.txt", "!damaged");
        temporary.Write("c.txt", "!crash");
        temporary.Write("d.txt", "!timeout");
        temporary.Write("e.txt", "Another good book.");
        IReadOnlyList<FileResult> results = await IngestAsync(temporary);

        Assert.Equal([FileOutcome.Added, FileOutcome.Failed, FileOutcome.Failed, FileOutcome.Failed, FileOutcome.Added], results.Select(r => r.Outcome));
        Assert.Contains("is damaged", results[1].Note, StringComparison.Ordinal);
        Assert.Contains("a reader's bug", results[2].Note, StringComparison.Ordinal);
        Assert.Contains("time limit", results[3].Note, StringComparison.Ordinal);
        Assert.All(results.Where(r => r.Outcome == FileOutcome.Added), r => Assert.Equal(DocumentStage.Searchable, r.Document!.Stage));
        Assert.NotEmpty(temporary.Library.LoadPassages(results[0].Document!.Id));
    }

    [Fact]
    public async Task ASecondRunOverUnchangedFilesReadsNothing()
    {
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < 50; i++) Age(temporary.Write($"{i}.txt", $"Book number {i}."));
        temporary.Write("bad.txt", "!damaged");
        await IngestAsync(temporary);
        int read = 0;
        IStageRunner counting = new ExtractStage((path, options, progress, cancellation) => { read++; return Read(path, options, progress, cancellation); }, new ReadingOptions());
        IReadOnlyList<FileResult> results = await IngestAsync(temporary, stages: [counting, Stages[1]]);
        Assert.Equal(0, read);
        Assert.Equal(50, results.Count(r => r.Outcome == FileOutcome.Unchanged));
        Assert.Contains("is damaged", Assert.Single(results, r => r.Outcome == FileOutcome.Failed).Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEditedBookIsReplacedAndAMovedOneKeepsItsNumber()
    {
        using TemporaryLibrary temporary = new();
        string edited = temporary.Write("edited.txt", "The first version."), moved = temporary.Write("moved.txt", "A book that moves.");
        IReadOnlyList<FileResult> before = await IngestAsync(temporary);
        temporary.Write("edited.txt", "The second version, a little longer.");
        File.Move(moved, Path.Combine(temporary.Files, "elsewhere.txt"));
        IReadOnlyList<FileResult> after = await IngestAsync(temporary);

        Assert.Equal([FileOutcome.Updated, FileOutcome.Moved], after.Select(r => r.Outcome));
        Assert.Equal(2, temporary.Library.Documents.List().Count);
        Assert.Equal(before[1].Document!.Id, after[1].Document!.Id);
        Assert.Null(temporary.Library.Documents.Get(before[0].Document!.Id));
        Assert.Equal("The second version, a little longer.", temporary.Library.LoadDocument(temporary.Library.Documents.Find("edited").Id).Text);
    }

    [Fact]
    public async Task ABookIsFoundByItsWordsAndAnEditedOneByItsNewOnesOnly()
    {
        using TemporaryLibrary temporary = new();
        WordIndex words = new(new WordOptions());
        temporary.Write("a.txt", "The captain sailed to Zanzibar.");
        await IngestAsync(temporary);
        Assert.Equal("The captain sailed to Zanzibar.", temporary.Library.FindPassage(Assert.Single(Search("zanzibar")).Id)!.Passage.Text);
        temporary.Write("a.txt", "The captain sailed to Madagascar.");
        await IngestAsync(temporary);
        Assert.Empty(Search("zanzibar"));
        Assert.Single(Search("madagascar"));

        IReadOnlyList<WordMatch> Search(string query) => temporary.Library.Database.Read(connection => words.Search(connection, query, 10));
    }

    [Fact]
    public async Task AFailedFileThatIsReadAgainGoesThroughAllStages()
    {
        using TemporaryLibrary temporary = new();
        string locked = temporary.Write("a.txt", "Hidden text.");
        ReadDocument refusing = (path, _, _, _) => throw new ProblemException(ProblemKind.Document, $"'{path}' needs a password.");
        Assert.Equal(FileOutcome.Failed, Assert.Single(await IngestAsync(temporary, [new ExtractStage(refusing, new ReadingOptions()), Stages[1]])).Outcome);
        Assert.Equal(FileOutcome.Failed, Assert.Single(await IngestAsync(temporary)).Outcome);

        LibraryScanner scanner = new(temporary.Library);
        ScannedFile again = Assert.Single(scanner.ReadAgain(scanner.Scan([locked], null, TestContext.Current.CancellationToken), (_, document) => document.Problem is not null));
        Assert.Equal(FileChange.Updated, again.Change);
        await DrainAsync(temporary.Library, Stages);
        Assert.Equal((DocumentStage.Searchable, (string?)null), temporary.Library.Documents.Find("a") is var d ? (d.Stage, d.Problem) : default);
    }

    [Fact]
    public async Task AnEditThatCannotBeReadKeepsTheVersionThatCould()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "The readable version.");
        await IngestAsync(temporary);
        temporary.Write("a.txt", "!damaged");
        FileResult result = Assert.Single(await IngestAsync(temporary));
        Assert.Equal(FileOutcome.Failed, result.Outcome);
        Assert.Equal("The readable version.", temporary.Library.LoadDocument(temporary.Library.Documents.Find("a").Id).Text);
    }

    [Fact]
    public async Task CancelledWorkGoesBackToTheQueueUncounted()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "!wait");
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IngestAsync(temporary, cancellation: stop.Token));
        JobStatus job = Assert.Single(temporary.Library.Jobs.Status());
        Assert.Equal((false, false, 0), (job.Running, job.Failed, job.Attempts));
        Assert.Empty(temporary.Library.Workers.Alive());
    }

    [Fact]
    public async Task AMachineThatRefusesStopsTheQueueAndFailsNoDocument()
    {
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < 20; i++) temporary.Write($"{i:00}.txt", i == 0 ? "!full" : $"Book {i}.");
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => IngestAsync(temporary));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.DoesNotContain(temporary.Library.Jobs.Status(), job => job.Failed || job.Running || job.Attempts > 0);
    }

    [Fact]
    public async Task AStageGoesOnFromItsLastCheckpoint()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "A book.");
        CountingStage counting = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IngestAsync(temporary, [.. Stages, counting], counting.StopAfter(3).Token));
        await IngestAsync(temporary, [.. Stages, counting]);
        Assert.Equal(Enumerable.Range(0, 10), counting.Steps);
    }

    [Fact]
    public async Task ABookRemovedWhileItIsWorkedOnLeavesNothing()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "A book.");
        CountingStage removing = new()
        {
            AfterStep = (work, step) =>
        {
            Directory.CreateDirectory(work.Library.MemoryFolder);
            if (step == 5) work.Library.Remove(work.Document.Id);
            File.WriteAllText(Path.Combine(work.Library.MemoryFolder, $"{work.Document.ContentHash}.memory"), "written late");
        }
        };
        await IngestAsync(temporary, [.. Stages, removing]);
        Assert.Equal(6, removing.Steps.Count);
        Assert.Empty(temporary.Library.Documents.List());
        Assert.Empty(Directory.GetFiles(temporary.Library.MemoryFolder));
        Assert.All(temporary.Rows(), table => Assert.Empty(table.Value));
    }

    [Fact]
    public async Task TwoPipelinesOnOneLibraryShareTheWork()
    {
        const int Books = 60;
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < Books; i++) temporary.Write($"{i}.txt", $"Book number {i}.");
        ConcurrentBag<string> read = [];
        IStageRunner noting = new ExtractStage((path, options, progress, cancellation) => { read.Add(path); return Read(path, options, progress, cancellation); }, new ReadingOptions());
        new LibraryScanner(temporary.Library).Scan([temporary.Files], null, TestContext.Current.CancellationToken);
        Library other = temporary.OpenAgain();
        await Task.WhenAll(DrainAsync(temporary.Library, [noting, Stages[1]]), DrainAsync(other, [noting, Stages[1]]));
        Assert.Equal(Books, read.Count);
        Assert.Equal(Books, read.Distinct().Count());
        Assert.All(temporary.Library.Documents.List(), d => Assert.Equal(DocumentStage.Searchable, d.Stage));
    }

    private static async Task DrainAsync(Library library, IStageRunner[] stages)
    {
        using WorkerPresence worker = library.Workers.Enter("test");
        await new IngestionPipeline(library, stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, null, TestContext.Current.CancellationToken);
    }

    private static async Task<IReadOnlyList<FileResult>> IngestAsync(TemporaryLibrary temporary, IStageRunner[]? stages = null, CancellationToken? cancellation = null)
    {
        CancellationToken token = cancellation ?? TestContext.Current.CancellationToken;
        IReadOnlyList<ScannedFile> scanned = new LibraryScanner(temporary.Library).Scan([temporary.Files], null, token);
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        await new IngestionPipeline(temporary.Library, stages ?? Stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, null, token);
        return IngestionReport.Of(temporary.Library, scanned);
    }

    private static void Age(string path) => File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    /// <summary>Ten steps, each with a checkpoint.</summary>
    private sealed class CountingStage : IStageRunner
    {
        private CancellationTokenSource? _stop;
        private int _stopAfter;

        public DocumentStage Goal => DocumentStage.Embedded;

        public List<int> Steps { get; } = [];

        public Action<StageWork, int>? AfterStep { get; init; }

        public CancellationTokenSource StopAfter(int steps)
        {
            (_stop, _stopAfter) = (new CancellationTokenSource(), steps);
            return _stop;
        }

        public Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation)
        {
            for (int step = int.Parse(work.Job.Checkpoint ?? "0"); step < 10; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                Steps.Add(step);
                AfterStep?.Invoke(work, step);
                work.Checkpoint($"{step + 1}", new WorkProgress("Counting", step + 1, 10, "steps"));
                if (Steps.Count == _stopAfter) _stop!.Cancel();
            }
            return Task.FromResult<Action<SqliteConnection>>(_ => { });
        }
    }
}
