using RetrievalAttention.Catalog;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Tests.Catalog;

namespace RetrievalAttention.Tests.Ingestion;

public class QueueProgressTests
{
    private static readonly HashSet<DocumentStage> Reading = [DocumentStage.Extracted], All = [DocumentStage.Extracted, DocumentStage.Searchable, DocumentStage.Embedded, DocumentStage.Remembered];

    /// <summary>Time stamps that move only when told to.</summary>
    private sealed class Stamps : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _milliseconds;

        public void Pass(int seconds) => _milliseconds += seconds * 1000L;
    }

    private sealed class Last : IProgress<WorkProgress>
    {
        public WholeProgress Whole { get; private set; } = null!;

        public void Report(WorkProgress value) => Whole = value.Whole!;
    }

    [Fact]
    public void TimeLeftIsWhatRemainsAtTheSpeedOfThisRun()
    {
        using TemporaryLibrary temporary = new();
        foreach (char name in "abcd") temporary.Register($"{name}.txt", new string(name, 1000));
        Stamps time = new();
        Last last = new();
        QueueProgress queue = new(temporary.Library, Reading, readers: 1, last, time);

        Job first = temporary.Library.Jobs.Lease("test", Reading)!;
        using (QueueProgress.Part part = queue.Begin(first, temporary.Library.Documents.Get(first.Document)!))
        {
            time.Pass(5);
            part.Report(new WorkProgress("Reading a", 50, 100, "pages"));
            Assert.Equal((0, 4, 10.0, "pages"), (last.Whole.Done, last.Whole.Total, last.Whole.Rate, last.Whole.RateUnit));
            Assert.Equal(35, last.Whole.Left!.Value.TotalSeconds, 0.001);
            time.Pass(5);
        }
        temporary.Library.Jobs.Complete(first, _ => { }, next: null);

        // Half of the second one was done in an earlier run, which says nothing about the speed of this one.
        Job second = temporary.Library.Jobs.Lease("test", Reading)!;
        using QueueProgress.Part resumed = queue.Begin(second, temporary.Library.Documents.Get(second.Document)!);
        resumed.Report(new WorkProgress("Reading b", 50, 100, "pages", AlreadyDone: 50));
        Assert.Equal((1, 4, false), (last.Whole.Done, last.Whole.Total, last.Whole.AtLeast));
        Assert.Equal(25, last.Whole.Left!.Value.TotalSeconds, 0.001);
    }

    [Fact]
    public void StagesThatHaveNotBegunAreToldToBeLeftOut()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", new string('a', 1000));
        Stamps time = new();
        Last last = new();
        Job job = temporary.Library.Jobs.Lease("test", All)!;
        using QueueProgress.Part part = new QueueProgress(temporary.Library, All, readers: 1, last, time).Begin(job, temporary.Library.Documents.Get(job.Document)!);
        time.Pass(1);
        part.Report(new WorkProgress("Reading a", 1, 2, "pages"));
        Assert.True(last.Whole.AtLeast);
        Assert.Equal(1, last.Whole.Left!.Value.TotalSeconds, 0.001);
    }

    [Fact]
    public void WhatIsToDoIsCountedInBytesAndTokensWithoutWhatWasGivenUp()
    {
        using TemporaryLibrary temporary = new();
        Job Lease() => temporary.Library.Jobs.Lease("test", All)!;
        foreach (char name in "abc") temporary.Register($"{name}.txt", new string(name, 1000));
        temporary.Library.Jobs.Fail(Lease(), "It is damaged.", final: true);
        temporary.Library.Jobs.Complete(Lease(), connection => connection.Execute("UPDATE documents SET tokens = 500 WHERE id = 2"), DocumentStage.Searchable);

        QueueSize size = temporary.Library.Jobs.Size(All);
        Assert.Equal((2, 0), (size.Documents, size.Complete));
        Assert.Equal(1000, size.Remaining[DocumentStage.Extracted]);
        Assert.Equal(2000, size.Remaining[DocumentStage.Searchable]);
        Assert.Equal(1000, size.Remaining[DocumentStage.Embedded], 0.001);
    }
}
