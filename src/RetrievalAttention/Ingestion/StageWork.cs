using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>One job in the hands of a stage: what it is about, what was noted before, and where to report.</summary>
public sealed class StageWork(Library library, Job job, CatalogDocument document, IProgress<WorkProgress>? progress) : IProgress<WorkProgress>
{
    public Library Library { get; } = library;

    public Job Job { get; } = job;

    public CatalogDocument Document { get; } = document;

    /// <summary>The last report.</summary>
    internal WorkProgress Latest { get; private set; } = new("", job.Done, 0, "");

    /// <summary>Shows how far the work has come, without storing anything.</summary>
    public void Report(WorkProgress value)
    {
        Latest = value;
        progress?.Report(value);
    }

    /// <summary>Notes a state from which the work can go on after the program ended. Everything it speaks of must be stored already.</summary>
    /// <param name="state">In the stage's own words; comes back as <see cref="Job.Checkpoint"/>.</param>
    /// <exception cref="OperationCanceledException">The job is no longer this worker's: its lease ran out, or the document was removed.</exception>
    public void Checkpoint(string state, WorkProgress reached)
    {
        Report(reached);
        if (!Library.Jobs.Checkpoint(Job, state, reached.Done, reached.Total, reached.Unit))
            throw new OperationCanceledException($"Job {Job.Id} is no longer held by {Job.Owner}.");
    }
}
