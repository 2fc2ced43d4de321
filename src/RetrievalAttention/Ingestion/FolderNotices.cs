using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RetrievalAttention.Ingestion;

/// <summary>
/// Tells when something may have changed in folders. The file system's notices are hints: they come twice, late or never, so whoever
/// listens looks again after a while even without one.
/// </summary>
internal sealed class FolderNotices(IReadOnlyList<string> folders, ILogger log, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, FileSystemWatcher> _watchers = [];
    private readonly Channel<bool> _notices = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Listens to every folder that is there now; to be called again after each wait, for folders come and go.</summary>
    public void Listen()
    {
        foreach (string folder in folders)
        {
            bool listening = _watchers.TryGetValue(folder, out FileSystemWatcher? watcher) && watcher.EnableRaisingEvents;
            if (listening && Directory.Exists(folder)) continue;
            watcher?.Dispose();
            _watchers.Remove(folder);
            if (Directory.Exists(folder)) Watch(folder);
        }
    }

    /// <summary>Returns after a notice, once it has been quiet for a while; or without one when the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeSpan quiet, CancellationToken cancellation)
    {
        bool noticed = await NoticeWithinAsync(atMost, cancellation);
        long since = time.GetTimestamp();
        while (noticed && time.GetElapsedTime(since) < atMost) noticed = await NoticeWithinAsync(quiet, cancellation);
    }

    public void Dispose()
    {
        foreach (FileSystemWatcher watcher in _watchers.Values) watcher.Dispose();
    }

    private async Task<bool> NoticeWithinAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource over = new(limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        try
        {
            return await _notices.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Watch(string folder)
    {
        try
        {
            FileSystemWatcher watcher = new(folder) { IncludeSubdirectories = true, InternalBufferSize = 1 << 16 };
            watcher.Created += (_, _) => _notices.Writer.TryWrite(true);
            watcher.Changed += (_, _) => _notices.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _notices.Writer.TryWrite(true);
            watcher.Error += (_, _) =>
            {
                watcher.EnableRaisingEvents = false;
                _notices.Writer.TryWrite(true);
            };
            watcher.EnableRaisingEvents = true;
            _watchers[folder] = watcher;
        }
        catch (IOException error)
        {
            log.LogWarning("Changes in '{Folder}' are not noticed at once, only by the regular look: {Reason}", folder, error.Message);
        }
    }
}
