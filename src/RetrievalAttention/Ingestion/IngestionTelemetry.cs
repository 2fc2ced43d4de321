using System.Diagnostics;
using System.Diagnostics.Metrics;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>Metrics and traces of the queue, under one name for whoever collects them.</summary>
public static class IngestionTelemetry
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string Name = "RetrievalAttention.Ingestion";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("ra.job.duration", "s", "How long jobs took, by goal and result.");
    private static readonly Counter<long> Units = Meter.CreateCounter<long>("ra.job.units", "{unit}", "Work done: pages, tokens or passages, by goal and unit.");

    /// <summary>Shows the length of a library's queue, by state, until the process ends.</summary>
    public static void Observe(Library library) => Meter.CreateObservableGauge("ra.queue.jobs", () =>
    {
        IReadOnlyList<JobStatus> jobs = library.Jobs.Status();
        return (Measurement<int>[])
        [
            new(jobs.Count(j => j.Running), new KeyValuePair<string, object?>("state", "running")),
            new(jobs.Count(j => !j.Running && !j.Failed), new KeyValuePair<string, object?>("state", "waiting")),
            new(jobs.Count(j => j.Failed), new KeyValuePair<string, object?>("state", "failed")),
        ];
    }, "{job}", "Jobs of the queue, by state.");

    internal static Activity? StartJob(Job job)
    {
        Activity? activity = Source.StartActivity($"ingest {job.Goal.ToString().ToLowerInvariant()}", ActivityKind.Consumer);
        activity?.SetTag("ra.document", job.Document).SetTag("ra.attempt", job.Attempts);
        return activity;
    }

    internal static void EndJob(Activity? activity, StageWork work, string result, TimeSpan duration)
    {
        string goal = work.Job.Goal.ToString().ToLowerInvariant();
        Durations.Record(duration.TotalSeconds, new("goal", goal), new("result", result));
        WorkProgress latest = work.Latest;
        if (latest.Done > latest.AlreadyDone) Units.Add(latest.Done - latest.AlreadyDone, new("goal", goal), new("unit", latest.Unit));
        activity?.SetTag("ra.result", result).SetStatus(result == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
    }
}
