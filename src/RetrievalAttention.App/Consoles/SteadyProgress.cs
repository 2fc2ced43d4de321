namespace RetrievalAttention.App.Consoles;

/// <summary>
/// Several tasks that report at once, shown one after the other: a task keeps the line until it is complete or has been silent for a while.
/// </summary>
public sealed class SteadyProgress(IProgress<WorkProgress> line, TimeProvider time) : IProgress<WorkProgress>
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string? _shown;
    private long _shownAt;

    public void Report(WorkProgress value)
    {
        lock (_lock)
        {
            if (_shown != value.Task && _shown is not null && time.GetElapsedTime(_shownAt) < Silence) return;
            bool complete = value.Total > 0 && value.Done >= value.Total;
            _shown = complete ? null : value.Task;
            _shownAt = time.GetTimestamp();
            line.Report(value);
        }
    }
}
