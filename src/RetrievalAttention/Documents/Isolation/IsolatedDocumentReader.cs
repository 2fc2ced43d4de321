using System.Collections.Concurrent;

namespace RetrievalAttention.Documents.Isolation;

/// <summary>
/// Reads documents in processes of their own, with limits on memory and time, because a hostile or damaged file can take down the process
/// that parses it. The worst that a file can do is fail itself. Idle processes are kept for the next document. Safe to use from several threads.
/// </summary>
public sealed class IsolatedDocumentReader(ChildProgram program, TimeProvider time) : IDisposable
{
    private readonly ConcurrentBag<DocumentChild> _idle = [];

    /// <summary>Reads as <see cref="DocumentReaders.Read"/> does. Cancelling stops the process at once.</summary>
    /// <exception cref="ProblemException">What the reader found wrong, or which limit of the options was passed.</exception>
    public async Task<Document> ReadAsync(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string full = SourceFile.FullPath(path);
        DocumentChild child = Take(options.MemoryMegabytes << 20);
        try
        {
            return await child.ReadAsync(full, options, progress, cancellation);
        }
        finally
        {
            if (child.IsFit) _idle.Add(child);
            else child.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out DocumentChild? child)) child.Dispose();
    }

    private DocumentChild Take(long memoryBytes)
    {
        while (_idle.TryTake(out DocumentChild? child))
        {
            if (child.MemoryBytes == memoryBytes) return child;
            child.Dispose();
        }
        return DocumentChild.Start(program, memoryBytes, time);
    }
}
