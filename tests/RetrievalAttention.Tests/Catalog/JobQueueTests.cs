using System.Collections.Concurrent;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Tests.Catalog;

public class JobQueueTests
{
    private static readonly HashSet<DocumentStage> Extract = [DocumentStage.Extracted];
    private static readonly HashSet<DocumentStage> All = [DocumentStage.Extracted, DocumentStage.Searchable, DocumentStage.Embedded, DocumentStage.Remembered];

    [Fact]
    public void TwoConnectionsNeverHoldTheSameJob()
    {
        const int Jobs = 200;
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < Jobs; i++) temporary.Register($"{i}.txt", $"content {i}");
        ConcurrentBag<long> taken = [];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using Library library = Library.Open(temporary.Options, temporary.Queue, null, temporary.Time);
            using WorkerPresence worker = library.Workers.Enter("test");
            while (library.Jobs.Lease(worker.Id, Extract) is { } job)
            {
                taken.Add(job.Document);
                Assert.True(library.Jobs.Complete(job, _ => { }, null));
            }
        });
        Assert.Equal(Jobs, taken.Count);
        Assert.Equal(Jobs, taken.Distinct().Count());
    }

    [Fact]
    public void ProgressOfTheLastAttemptCountsWhenItFails()
    {
        using TemporaryLibrary temporary = new(new JobQueueOptions { MaxAttempts = 2 });
        temporary.Register("a.txt", "one");
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        queue.Fail(queue.Lease(worker.Id, Extract)!, "The disk was away.", final: false);
        Job last = queue.Lease(worker.Id, Extract)!;
        Assert.True(queue.Checkpoint(last, "half", 1, 2, "pages"));
        queue.Fail(last, "The disk was away.", final: false);
        Assert.False(Assert.Single(queue.Status()).Failed);
        queue.Fail(queue.Lease(worker.Id, Extract)!, "The disk was away.", final: false);
        Assert.True(Assert.Single(queue.Status()).Failed);
    }

    [Fact]
    public void AJobThatIsHeldIsNotGivenToAnother()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        Assert.NotNull(temporary.Library.Jobs.Lease(worker.Id, Extract));
        Assert.Null(temporary.OpenAgain().Jobs.Lease(worker.Id, Extract));
    }

    [Fact]
    public void ALeaseThatRunsOutIsTakenBackAndTheOldHolderIsRefused()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence slow = temporary.Library.Workers.Enter("slow"), quick = temporary.Library.Workers.Enter("quick");
        Job lost = queue.Lease(slow.Id, Extract)!;
        temporary.Time.Move(queue.LeaseDuration + TimeSpan.FromSeconds(1));
        Assert.False(Assert.Single(queue.Status()).Running);
        Job held = queue.Lease(quick.Id, Extract)!;

        Assert.Equal(lost.Id, held.Id);
        Assert.Equal(2, held.Attempts);
        Assert.False(queue.Renew(lost, default));
        Assert.False(queue.Checkpoint(lost, "half", 1, 2, "pages"));
        Assert.False(queue.Complete(lost, _ => Assert.Fail("The result of a job that was lost must not be stored."), null));
        Assert.True(queue.Complete(held, _ => { }, null));
    }

    [Fact]
    public void RenewingKeepsALease()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        Job job = queue.Lease(worker.Id, Extract)!;
        for (int i = 0; i < 5; i++)
        {
            temporary.Time.Move(queue.LeaseDuration * 0.8);
            Assert.True(queue.Renew(job, new WorkProgress("Reading", i, 10, "pages")));
            Assert.Null(queue.Lease(worker.Id, Extract));
        }
        JobStatus status = Assert.Single(queue.Status());
        Assert.True(status.Running);
        Assert.Equal((4, 10, "pages"), (status.Done, status.Total, status.Unit));
    }

    [Fact]
    public void AClockThatIsSetBackDoesNotKeepALeaseForEver()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        Assert.NotNull(temporary.Library.Jobs.Lease(worker.Id, Extract));
        temporary.Time.Move(TimeSpan.FromDays(-400));
        Assert.False(Assert.Single(temporary.Library.Jobs.Status()).Running);
        Assert.NotNull(temporary.Library.Jobs.Lease(worker.Id, Extract));
    }

    [Fact]
    public void ADeadWorkersJobIsFreeAtOnceAndNeverShownAsRunning()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        using WorkerPresence next = temporary.Library.Workers.Enter("next");
        WorkerPresence dead = temporary.Library.Workers.Enter("dead");
        Assert.NotNull(temporary.Library.Jobs.Lease($"{dead.Id}/0", Extract));
        Assert.True(Assert.Single(temporary.Library.Jobs.Status()).Running);
        dead.Dispose();
        Assert.False(Assert.Single(temporary.Library.Jobs.Status()).Running);
        Assert.NotNull(temporary.Library.Jobs.Lease(next.Id, Extract));
        Assert.Equal([next.Id], temporary.Library.Workers.Alive().Select(w => w.Id));
    }

    [Fact]
    public void AJobThatFailsThreeTimesIsGivenUpAndCanBeRetried()
    {
        using TemporaryLibrary temporary = new();
        long document = temporary.Register("a.txt", "one").Document;
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Job job = queue.Lease(worker.Id, Extract)!;
            Assert.Equal(attempt, job.Attempts);
            queue.Fail(job, $"reason {attempt}", final: false);
        }
        Assert.Null(queue.Lease(worker.Id, Extract));
        Assert.False(queue.HasOpen(All));
        Assert.Equal("reason 3", temporary.Library.Documents.Get(document)!.Problem);
        Assert.Equal(1, queue.Retry(document));
        Assert.Equal(1, queue.Lease(worker.Id, Extract)!.Attempts);
    }

    [Fact]
    public void AFinalFailureIsNotTriedAgain()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        temporary.Library.Jobs.Fail(temporary.Library.Jobs.Lease(worker.Id, Extract)!, "damaged", final: true);
        Assert.Null(temporary.Library.Jobs.Lease(worker.Id, Extract));
    }

    [Fact]
    public void AJobThatKillsItsWorkerAgainAndAgainIsGivenUpUnlessItMakesProgress()
    {
        using TemporaryLibrary temporary = new();
        long document = temporary.Register("a.txt", "one").Document;
        JobQueue queue = temporary.Library.Jobs;
        for (int i = 0; i < 6; i++)
        {
            using WorkerPresence dies = temporary.Library.Workers.Enter("dies");
            Job job = queue.Lease(dies.Id, Extract)!;
            Assert.True(queue.Checkpoint(job, $"page {i}", i, 10, "pages"));
        }
        for (int i = 0; i < 2; i++)
        {
            using WorkerPresence dies = temporary.Library.Workers.Enter("dies");
            Job job = queue.Lease(dies.Id, Extract)!;
            Assert.Equal(("page 5", 5), (job.Checkpoint, job.Done));
        }
        using WorkerPresence last = temporary.Library.Workers.Enter("last");
        Assert.Null(queue.Lease(last.Id, Extract));
        Assert.Contains("ended 3 times", temporary.Library.Documents.Get(document)!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ReleasedWorkCountsAsNotBegun()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        for (int i = 0; i < 10; i++)
        {
            Job job = temporary.Library.Jobs.Lease(worker.Id, Extract)!;
            Assert.Equal(1, job.Attempts);
            temporary.Library.Jobs.Release(job);
        }
    }

    [Fact]
    public void WordsOfAllDocumentsComeBeforeEmbeddingsAndThoseBeforeMemory()
    {
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < 3; i++) temporary.Register($"{i}.txt", $"content {i}");
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        List<(DocumentStage, long)> order = [];
        while (queue.Lease(worker.Id, All) is { } job)
        {
            order.Add((job.Goal, job.Document));
            queue.Complete(job, _ => { }, job.Goal < DocumentStage.Remembered ? job.Goal + 1 : null);
        }
        (DocumentStage, long)[] expected =
        [
            (DocumentStage.Extracted, 1), (DocumentStage.Searchable, 1), (DocumentStage.Extracted, 2), (DocumentStage.Searchable, 2),
            (DocumentStage.Extracted, 3), (DocumentStage.Searchable, 3),
            (DocumentStage.Embedded, 1), (DocumentStage.Embedded, 2), (DocumentStage.Embedded, 3),
            (DocumentStage.Remembered, 1), (DocumentStage.Remembered, 2), (DocumentStage.Remembered, 3),
        ];
        Assert.Equal(expected, order);
        Assert.All(temporary.Library.Documents.List(), d => Assert.Equal(DocumentStage.Remembered, d.Stage));
    }

    [Fact]
    public void DocumentsThatWaitForAStageThatCameLaterGetTheirJob()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        JobQueue queue = temporary.Library.Jobs;
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        queue.Complete(queue.Lease(worker.Id, Extract)!, _ => { }, null);
        Assert.False(queue.HasOpen(All));
        queue.EnqueueMissing(All);
        Assert.Equal(DocumentStage.Searchable, queue.Lease(worker.Id, All)!.Goal);
    }
}
