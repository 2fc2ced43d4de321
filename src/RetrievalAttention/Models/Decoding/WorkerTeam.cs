namespace RetrievalAttention.Models.Decoding;

/// <summary>
/// A few threads that take chunks of one piece of work after another. A token is some 150 pieces of 20 to 200 µs, so starting each must cost
/// less than a microsecond: workers watch for the next piece for a moment before they sleep. Chunks are claimed one by one, and the caller
/// claims too: when other programs keep a core busy, it simply does more of them. Use from one thread at a time.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    /// <summary>About 100 µs: longer than what lies between two pieces of a token, shorter than what lies between two tokens.</summary>
    private const int LooksBeforeSleep = 2000;

    private readonly ManualResetEventSlim _awake = new(initialState: true, spinCount: 0);
    private readonly Thread[] _workers;
    private IRangeWork? _work;
    private int _chunkRows;
    private int _chunks;

    /// <summary>Number of the piece in the upper half, chunks that nobody has claimed in the lower: changed together, or a worker that was away could claim a chunk of an older piece.</summary>
    private long _unclaimed;
    private int _finished;
    private volatile bool _stopped;

    /// <param name="threads">With the caller's.</param>
    public WorkerTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(Work) { IsBackground = true, Name = $"decoding {i}" })];
        foreach (Thread worker in _workers) worker.Start();
    }

    public int Threads { get; }

    /// <summary>Runs the work on all its rows and returns when they are done.</summary>
    /// <param name="chunkRows">Rows that one thread takes at a time.</param>
    public void Run(IRangeWork work, int chunkRows)
    {
        if (_workers.Length == 0 || work.Rows <= chunkRows)
        {
            work.Run(0, work.Rows);
            return;
        }
        Start(work, chunkRows);
        while (TryRunChunk()) { }
        AwaitOthers();
    }

    private void Start(IRangeWork work, int chunkRows)
    {
        (_work, _chunkRows, _chunks, _finished) = (work, chunkRows, (work.Rows + chunkRows - 1) / chunkRows, 0);
        long piece = (_unclaimed >> 32) + 1;
        Interlocked.Exchange(ref _unclaimed, (piece << 32) | (uint)_chunks);
        if (!_awake.IsSet) _awake.Set();
    }

    private bool TryRunChunk()
    {
        long seen = Volatile.Read(ref _unclaimed);
        if ((uint)seen == 0 || Interlocked.CompareExchange(ref _unclaimed, seen - 1, seen) != seen)
            return (uint)seen != 0;

        // From here on the piece cannot end without this chunk, so its fields stay what they are.
        int first = (_chunks - (int)(uint)seen) * _chunkRows;
        _work!.Run(first, Math.Min(_chunkRows, _work.Rows - first));
        Interlocked.Increment(ref _finished);
        return true;
    }

    private void AwaitOthers()
    {
        for (int looks = 0; Volatile.Read(ref _finished) < _chunks; looks++)
        {
            if (looks < LooksBeforeSleep) Thread.SpinWait(4);
            else Thread.Yield();
        }
    }

    private void Work()
    {
        int looks = 0;
        while (!_stopped)
        {
            if (TryRunChunk())
            {
                looks = 0;
            }
            else if (++looks < LooksBeforeSleep)
            {
                Thread.SpinWait(4);
            }
            else
            {
                Sleep();
                looks = 0;
            }
        }
    }

    // The caller publishes work and then wakes; a sleeper says that it sleeps and then looks for work: one of them sees the other.
    private void Sleep()
    {
        _awake.Reset();
        if ((uint)Interlocked.Read(ref _unclaimed) == 0 && !_stopped) _awake.Wait();
    }

    public void Dispose()
    {
        _stopped = true;
        foreach (Thread worker in _workers)
        {
            // Another worker on its way to sleep may undo a wake.
            do _awake.Set();
            while (!worker.Join(millisecondsTimeout: 1));
        }
        _awake.Dispose();
    }
}
