using System.CommandLine;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary>Brings files and folders into the library and works until everything about them is computed.</summary>
internal static class IngestCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = new("paths") { Description = "Files, and folders with everything below them.", HelpName = "FOLDER|FILE", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> library = SharedOptions.Library();
        Option<string?> password = new("--password") { Description = "Password of encrypted PDFs.", HelpName = "WORD" };
        Option<bool> ocr = new("--ocr") { Description = "Read pages without a text layer with tesseract, where it is installed." };
        Option<string?> rebuild = new("--rebuild") { Description = "'vectors': build the vector index again from the library; needed when it is damaged. No files are read then.", HelpName = "WHAT" };
        rebuild.AcceptOnlyFromAmong("vectors");
        Option<bool> json = SharedOptions.Json();
        Command command = new("ingest", SharedOptions.WithExamples(
            "Reads documents into the library: new, edited and moved ones are found by their content, unchanged ones cost nothing. "
            + "Can be stopped at any time; the same command goes on from there.",
            "ra ingest ~/Books", "ra ingest paper.pdf notes.md --library papers", "ra ingest secret.pdf --password swordfish", "ra ingest --rebuild vectors"))
        {
            paths, library, password, ocr, rebuild, json,
        };
        command.Validators.Add(result =>
        {
            bool hasPaths = result.GetValue(paths) is { Length: > 0 };
            if (result.GetValue(paths)?.Contains("") is true) result.AddError("A name is empty, expected a file or folder.");
            if (hasPaths == (result.GetValue(rebuild) is not null)) result.AddError("Name files or folders to read, or give --rebuild vectors without any.");
        });
        command.SetAction((parsed, cancellation) => parsed.GetValue(rebuild) is not null ? Task.Run(() => RebuildVectors(parsed.GetValue(library), parsed.GetValue(json), cancellation), cancellation) : RunAsync(
            parsed.GetValue(paths) ?? [], parsed.GetValue(library),
            new ReadingChoices(parsed.GetValue(password), parsed.GetValue(ocr)), parsed.GetValue(json), cancellation));
        return command;
    }

    private sealed record ReadingChoices(string? Password, bool Ocr);

    private static async Task<int> RunAsync(string[] paths, string? name, ReadingChoices choices, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        ReadingOptions reading = settings.Documents with { Password = choices.Password ?? settings.Documents.Password, Ocr = choices.Ocr || settings.Documents.Ocr };
        using Library library = Library.OpenOrCreate(settings.Library, settings.Queue, name, TimeProvider.System);
        using StageSet stages = StageSet.Create(settings with { Documents = reading });
        using WorkerPresence worker = library.Workers.Enter("ingest");
        using ProgressLine line = new();
        SteadyProgress progress = new(line, TimeProvider.System);

        LibraryScanner scanner = new(library);
        stages.QueueForModels(library);
        IReadOnlyList<ScannedFile> scanned = scanner.ReadAgain(scanner.Scan(paths, progress, cancellation), MayReadBetter);
        await new IngestionPipeline(library, stages.Stages, settings.Ingestion, TimeProvider.System).DrainAsync(worker, progress, cancellation);

        line.Dispose();
        IReadOnlyList<FileResult> results = IngestionReport.Of(library, scanned);
        if (json) WriteJson(library, results);
        else WriteTable(results);
        return results.Count > 0 && results.All(r => r.Outcome == FileOutcome.Failed) ? ExitCodes.Document : ExitCodes.Success;

        // A file that failed is tried again when it is named itself, or when this run can do what an earlier one could not.
        bool MayReadBetter(ScannedFile file, CatalogDocument document)
        {
            bool failed = document is { Stage: DocumentStage.Queued, Problem: not null };
            bool named = paths.Any(path => Path.GetFullPath(path) == file.Path);
            return (failed && (named || choices.Password is not null || choices.Ocr)) || (choices.Ocr && document.Warnings.Count > 0);
        }
    }

    private static int RebuildVectors(string? name, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        using Library library = settings.OpenLibrary(name);
        ChosenDevice device = Devices.Choose(settings.Model.Device);
        using SentenceEmbedder embedder = Session.OpenEmbedder(settings, device);
        int vectors;
        using (ProgressLine line = new())
        {
            vectors = LibraryVectors.Rebuild(library, embedder, settings.Vectors, device.Device, line, cancellation);
        }
        if (json) Output.WriteJson(new { library = library.Name, rebuilt = "vectors", vectors });
        else Output.Note($"The vector index of '{library.Name}' holds {vectors:N0} passages now.");
        return ExitCodes.Success;
    }

    private static void WriteJson(Library library, IReadOnlyList<FileResult> results) => Output.WriteJson(new
    {
        library = library.Name,
        files = results.Select(r => new { r.Path, r.Outcome, r.Note, document = r.Document?.Id, title = r.Document?.Title, stage = r.Document is { } document ? StageNames.Reached(document) : null, warnings = r.Document?.Warnings }),
        counts = Enum.GetValues<FileOutcome>().ToDictionary(outcome => outcome, outcome => results.Count(r => r.Outcome == outcome)),
    });

    private static void WriteTable(IReadOnlyList<FileResult> results)
    {
        Table table = new("File", "Result", "Title", "Notes");
        foreach (FileResult result in results)
        {
            IEnumerable<string> notes = ((string?[])[result.Note, .. result.Document?.Warnings ?? []]).OfType<string>();
            string title = result.Outcome == FileOutcome.Failed ? "" : result.Document!.Title;
            table.Add(Path.GetRelativePath(Environment.CurrentDirectory, result.Path), result.Outcome.ToString().ToLowerInvariant(), title, string.Join(" ", notes));
        }
        if (results.Count > 0) table.Write();
        Output.Note(results.Count == 0 ? "There were no files to read." : $"{string.Join(", ", results.CountBy(r => r.Outcome).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key.ToString().ToLowerInvariant()}"))}.");
    }
}
