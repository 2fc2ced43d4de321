using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>
/// The background service: one task looks for changes in the watched folders, one empties the queue, whoever filled it. Both stop at one token;
/// what was begun goes on at its last checkpoint the next time.
/// </summary>
public sealed class IngestionWorker(
    Library library, IngestionPipeline pipeline, IngestionOptions options, TimeProvider time, ILogger<IngestionWorker> log) : BackgroundService
{
    private static readonly TimeSpan BetweenLooksAtTheQueue = TimeSpan.FromSeconds(1);

    /// <summary>How long to leave a machine alone that refused, for example because its disk is full.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using WorkerPresence presence = library.Workers.Enter("worker");
        log.LogInformation("Working on library '{Library}', watching {Folders}.", library.Folder,
            options.WatchedFolders.Count == 0 ? "no folder" : string.Join(", ", options.WatchedFolders));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task watching = WatchAsync(stop.Token), emptying = EmptyQueueAsync(presence, stop.Token);
        await Task.WhenAny(watching, emptying);
        await stop.CancelAsync();
        await Task.WhenAll(watching, emptying);
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        using FolderNotices notices = new(options.WatchedFolders, log, time);
        while (true)
        {
            notices.Listen();
            await Task.Run(() => Scan(stopping), stopping);
            await notices.WaitAsync(TimeSpan.FromSeconds(options.RescanSeconds), TimeSpan.FromSeconds(options.SettleSeconds), stopping);
        }
    }

    private void Scan(CancellationToken stopping)
    {
        foreach (string folder in options.WatchedFolders)
        {
            try
            {
                IReadOnlyList<ScannedFile> scanned = new LibraryScanner(library).Scan([folder], null, stopping);
                foreach (ScannedFile file in scanned.Where(f => f.Change is not (null or FileChange.Unchanged)))
                    log.LogInformation("{Change}: {Path}", file.Change, file.Path);
            }
            catch (ProblemException problem) when (problem.Kind is ProblemKind.NotFound or ProblemKind.Environment)
            {
                log.LogWarning("{Problem} Its books stay in the library.", problem.Message);
            }
        }
    }

    private async Task EmptyQueueAsync(WorkerPresence presence, CancellationToken stopping)
    {
        while (true)
        {
            TimeSpan pause = BetweenLooksAtTheQueue;
            try
            {
                await pipeline.DrainAsync(presence, null, stopping);
                presence.Beat();
            }
            catch (ProblemException problem) when (problem.Kind == ProblemKind.Environment)
            {
                log.LogError("{Problem}", problem.Message);
                pause = AfterRefusal;
            }
            await Task.Delay(pause, time, stopping);
        }
    }
}
