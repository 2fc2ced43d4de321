using System.Diagnostics;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>
/// Takes jobs from the queue until none is left. One bad document is a result, never a crash; a machine that refuses (disk full) stops the
/// queue and costs no document; cancelled work goes back to the queue as if it had not been begun.
/// </summary>
public sealed class IngestionPipeline(Library library, IReadOnlyList<IStageRunner> stages, IngestionOptions options, TimeProvider time)
{
    private static readonly TimeSpan WaitForOthers = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<DocumentStage, IStageRunner> _stages = stages.ToDictionary(stage => stage.Goal);
    private readonly HashSet<DocumentStage> _goals = [.. stages.Select(stage => stage.Goal)];

    /// <summary>Works until every job is done or given up, those that other workers hold included.</summary>
    /// <exception cref="ProblemException">The machine refuses; of kind Environment.</exception>
    public async Task DrainAsync(WorkerPresence worker, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        library.Jobs.EnqueueMissing(_goals);
        QueueProgress? queue = progress is null ? null : new(library, _goals, options.Readers, progress, time);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // A job added while a round ends (a watched folder is scanned beside this) may be begun by a reader that cannot finish it.
        while (library.Jobs.HasOpen(_goals)) await RoundAsync(worker, queue, stop);
    }

    /// <summary>
    /// Works until no job is open. Reading files runs beside other work; embedding and attention use every processor by themselves, so one
    /// loop alone does them. That loop says when the round is over: the others would wait for ever for work that only it takes.
    /// </summary>
    private async Task RoundAsync(WorkerPresence worker, QueueProgress? queue, CancellationTokenSource stop)
    {
        HashSet<DocumentStage> beside = [.. _goals.Where(goal => goal <= DocumentStage.Searchable)];
        bool over = false;
        IEnumerable<Task> readers = Enumerable.Range(1, options.Readers - 1)
            .Select(number => LoopAsync(worker, $"{worker.Id}/{number}", beside, () => !Volatile.Read(ref over), queue, stop));
        await Task.WhenAll([WorkAsync(), .. readers]);

        async Task WorkAsync()
        {
            try
            {
                await LoopAsync(worker, $"{worker.Id}/0", _goals, () => library.Jobs.HasOpen(_goals), queue, stop);
            }
            finally
            {
                Volatile.Write(ref over, true);
            }
        }
    }

    private async Task LoopAsync(
        WorkerPresence worker, string owner, IReadOnlySet<DocumentStage> goals, Func<bool> goesOn, QueueProgress? queue,
        CancellationTokenSource stop)
    {
        await Task.Yield();
        try
        {
            while (goesOn())
            {
                stop.Token.ThrowIfCancellationRequested();
                if (library.Jobs.Lease(owner, goals) is not { } job) await Task.Delay(WaitForOthers, time, stop.Token);
                else if (library.Documents.Get(job.Document) is { } document)
                {
                    using QueueProgress.Part? part = queue?.Begin(job, document);
                    await RunAsync(worker, new StageWork(library, job, document, part), stop.Token);
                }
            }
        }
        catch (ProblemException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task RunAsync(WorkerPresence worker, StageWork work, CancellationToken cancellation)
    {
        Job job = work.Job;
        using CancellationTokenSource held = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task renewing = RenewAsync(worker, work, held);
        using Activity? activity = IngestionTelemetry.StartJob(job);
        long began = time.GetTimestamp();
        string result = "failed";
        try
        {
            Action<SqliteConnection> store = await Task.Run(() => _stages[job.Goal].RunAsync(work, held.Token), held.Token);
            result = library.Jobs.Complete(job, store, Following(job.Goal)) ? "done" : "lost";
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested)
        {
            result = "cancelled";
            library.Jobs.Release(job);
            cancellation.ThrowIfCancellationRequested();
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Environment)
        {
            library.Jobs.Release(job);
            throw;
        }
        catch (ProblemException problem)
        {
            library.Jobs.Fail(job, problem.Message, final: problem.Kind == ProblemKind.Document);
        }
        catch (Exception error)
        {
            // Whatever a document makes a stage throw ends here, as that document's result.
            library.Jobs.Fail(job, $"{error.GetType().Name}: {error.Message}", final: false);
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
            IngestionTelemetry.EndJob(activity, work, result, time.GetElapsedTime(began));
            library.DeleteFilesIfRemoved(work.Document);
        }
    }

    /// <summary>Keeps the lease, and cancels the work when it is lost.</summary>
    private async Task RenewAsync(WorkerPresence worker, StageWork work, CancellationTokenSource held)
    {
        using PeriodicTimer timer = new(library.Jobs.RenewalInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(held.Token))
            {
                if (!Renewed()) await held.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }

        // A library that is busy for once is asked again at the next tick, long before the lease ends.
        bool Renewed()
        {
            try
            {
                worker.Beat();
                return library.Jobs.Renew(work.Job, work.Latest);
            }
            catch (ProblemException)
            {
                return true;
            }
        }
    }

    private DocumentStage? Following(DocumentStage goal) => _stages.ContainsKey(goal + 1) ? goal + 1 : null;
}
