using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>
/// How far a whole queue has come, added to every report of a job. The time left is what remains of each stage at the speed that the stage
/// had in this run; stages are weighed in bytes before a document's tokens are known, and in tokens after.
/// </summary>
internal sealed class QueueProgress(Library library, IReadOnlySet<DocumentStage> goals, int readers, IProgress<WorkProgress> progress, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>Bytes or tokens from which a speed is believed; a short note says nothing about the book after it.</summary>
    private const double LeastWeight = 500;

    private readonly IProgress<WorkProgress> _progress = progress;
    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly Dictionary<DocumentStage, Speed> _speeds = [];
    private readonly HashSet<Part> _running = [];
    private QueueSize? _size;
    private long _sizedAt;

    /// <summary>Reports of one job, which is over when it is disposed.</summary>
    public Part Begin(Job job, CatalogDocument document)
    {
        Part part = new(this, job.Goal, job.Goal <= DocumentStage.Searchable ? document.Size : document.Tokens ?? 0);
        lock (_lock) _running.Add(part);
        return part;
    }

    private WholeProgress Whole(DocumentStage goal)
    {
        if (_size is null || _time.GetElapsedTime(_sizedAt) >= LookAgain)
        {
            _size = library.Jobs.Size(goals);
            _sizedAt = _time.GetTimestamp();
        }
        double seconds = 0;
        bool atLeast = false;
        foreach ((DocumentStage remaining, double weight) in _size.Remaining)
        {
            double left = Math.Max(0, weight - _running.Where(part => part.Goal == remaining).Sum(part => part.WeightDone));
            // Reading runs beside other work, everything after it one document at a time.
            if (_speeds.GetValueOrDefault(remaining) is { Weight: >= LeastWeight } known) seconds += left * known.Seconds / known.Weight / (remaining <= DocumentStage.Searchable ? readers : 1);
            else atLeast |= left > 0;
        }
        Speed speed = _speeds[goal];
        double rate = speed.Seconds > 0 ? speed.Units / speed.Seconds * _running.Count(part => part.Goal == goal) : 0;
        return new WholeProgress(_size.Complete, _size.Documents, "books", rate, speed.Unit, seconds > 0 ? TimeSpan.FromSeconds(seconds) : null, atLeast);
    }

    /// <summary>What was done for one goal in this run, and in how many seconds of work.</summary>
    private sealed class Speed
    {
        public double Weight, Units, Seconds;
        public string Unit = "";
    }

    internal sealed class Part(QueueProgress queue, DocumentStage goal, double weight) : IProgress<WorkProgress>, IDisposable
    {
        private long _seenAt = queue._time.GetTimestamp();
        private WorkProgress? _last;

        public DocumentStage Goal => goal;

        public double WeightDone { get; private set; }

        public void Report(WorkProgress value)
        {
            WholeProgress whole;
            lock (queue._lock)
            {
                Speed speed = Pass();
                speed.Unit = value.Unit;
                speed.Units += Math.Max(0, value.Done - Math.Max(value.AlreadyDone, _last is { } last && last.Unit == value.Unit ? last.Done : 0));
                if (value.Total > 0) Advance(speed, weight * value.Done / value.Total, weight * value.AlreadyDone / value.Total);
                _last = value;
                whole = queue.Whole(goal);
            }
            queue._progress.Report(value with { Whole = whole });
        }

        public void Dispose()
        {
            lock (queue._lock)
            {
                Advance(Pass(), weight, 0);
                queue._running.Remove(this);
            }
        }

        private Speed Pass()
        {
            if (!queue._speeds.TryGetValue(goal, out Speed? speed)) queue._speeds.Add(goal, speed = new Speed());
            long now = queue._time.GetTimestamp();
            speed.Seconds += queue._time.GetElapsedTime(_seenAt, now).TotalSeconds;
            _seenAt = now;
            return speed;
        }

        /// <param name="already">Done before this run, which says nothing about its speed.</param>
        private void Advance(Speed speed, double done, double already)
        {
            speed.Weight += Math.Max(0, done - Math.Max(WeightDone, already));
            WeightDone = Math.Max(WeightDone, done);
        }
    }
}
