using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>What the queue does now, what waits, and what failed and why.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("status", SharedOptions.WithExamples("Shows the queue: what runs and how fast, what waits, what failed and why.", "ra status", "ra status --json"))
        {
            library, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(library), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? name, bool json)
    {
        using Library library = AllSettings.Load().OpenLibrary(name);
        IReadOnlyList<CatalogDocument> documents = library.Documents.List();
        IReadOnlyList<JobStatus> jobs = library.Jobs.Status();
        IReadOnlyList<WorkerStatus> workers = library.Workers.Alive();
        if (json)
        {
            Output.WriteJson(new
            {
                library = library.Name,
                documents = Enum.GetValues<DocumentStage>().Select(StageNames.Of).Append(StageNames.Failed).ToDictionary(stage => stage, stage => documents.Count(d => StageNames.Reached(d) == stage)),
                workers,
                running = jobs.Where(j => j.Running).Select(ToJson),
                waiting = Enum.GetValues<DocumentStage>().Where(goal => goal != DocumentStage.Queued)
                    .ToDictionary(StageNames.Of, goal => jobs.Count(j => j.Goal == goal && !j.Running && !j.Failed)),
                failed = jobs.Where(j => j.Failed).Select(ToJson),
            });
        }
        else
        {
            Write(library, documents, jobs, workers);
        }
        return ExitCodes.Success;
    }

    private static object ToJson(JobStatus job) => new
    {
        job.Document,
        job.Title,
        goal = StageNames.Of(job.Goal),
        job.Attempts,
        job.Problem,
        job.Done,
        job.Total,
        job.Unit,
        job.UnitsPerSecond,
    };

    private static void Write(Library library, IReadOnlyList<CatalogDocument> documents, IReadOnlyList<JobStatus> jobs, IReadOnlyList<WorkerStatus> workers)
    {
        string stages = string.Join(", ", documents.OrderBy(d => d.Stage).CountBy(StageNames.Reached).Select(s => $"{s.Value} {s.Key}"));
        Console.Out.WriteLine($"Library '{library.Name}': {documents.Count} book{(documents.Count == 1 ? "" : "s")}{(stages.Length > 0 ? $" ({stages})" : "")}");
        Console.Out.WriteLine(workers.Count == 0
            ? "No worker is running. Start one with 'ra worker', or work in the foreground with 'ra ingest'."
            : $"At work: {string.Join(", ", workers.Select(w => $"{w.Kind} (process {w.Process} on {w.Host})"))}");

        Table running = new("Running", "Book", "Progress");
        foreach (JobStatus job in jobs.Where(j => j.Running)) running.Add(StageNames.WorkTowards(job.Goal), job.Title, Progress(job));
        if (jobs.Any(j => j.Running)) running.Write();

        foreach ((DocumentStage goal, int count) in jobs.Where(j => !j.Running && !j.Failed).CountBy(j => j.Goal).OrderBy(w => w.Key))
            Console.Out.WriteLine($"Waiting: {count} for {StageNames.WorkTowards(goal)}");

        Table failed = new("Failed", "Book", "Attempts", "Why");
        foreach (JobStatus job in jobs.Where(j => j.Failed))
            failed.Add(StageNames.WorkTowards(job.Goal), job.Title, job.Attempts.ToString(CultureInfo.InvariantCulture), job.Problem ?? "");
        if (jobs.Any(j => j.Failed)) failed.Write();
    }

    private static string Progress(JobStatus job)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string done = job.Total > 0 ? string.Create(culture, $"{job.Done:N0} of {job.Total:N0} {job.Unit}") : string.Create(culture, $"{job.Done:N0} {job.Unit}");
        return job.UnitsPerSecond > 0 ? string.Create(culture, $"{done}, {job.UnitsPerSecond:N0} {job.Unit}/s") : done;
    }
}
