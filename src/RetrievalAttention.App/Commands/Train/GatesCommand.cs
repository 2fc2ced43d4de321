using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Training.Gates;

namespace RetrievalAttention.App.Commands.Train;

/// <summary><c>ra train gates</c>: a gate for each head over the memory, learned from books and measured on others.</summary>
internal static class GatesCommand
{
    public static Command Create()
    {
        Option<string> root = new("--root") { Description = "Folder with the books, also in folders below.", HelpName = "DIR", Required = true };
        Option<string[]> books = new("--book") { Description = "Train on the book whose file name contains this; may be given several times. Blocks of the others distract.", HelpName = "PART", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<string[]> heldOut = new("--held-out") { Description = "Measure on the book whose file name contains this; may be given several times.", HelpName = "PART", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<string> name = new("--name") { Description = "Name of the gates; they are kept beside the model as NAME.gates.json. Default: books.", HelpName = "NAME", DefaultValueFactory = _ => "books" };
        Option<int> steps = new("--steps") { Description = $"Steps of {GateTraining.Places} places. Default: 150.", HelpName = "N", DefaultValueFactory = _ => 150 };
        Option<int> adapters = new("--adapters") { Description = "Also learn low-rank additions to the query projections, of this rank; 0 for none. Default: 0.", HelpName = "RANK", DefaultValueFactory = _ => 0 };
        Option<int> places = new("--places") { Description = "Places a held-out book that are measured, once evenly over its last third and once where rare names are said. Default: 40.", HelpName = "N", DefaultValueFactory = _ => 40 };
        Option<int> seed = new("--seed") { Description = "Of the places. Default: 1.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string> folder = new("--out") { Description = "Folder for the checkpoint and the plot of the losses. Default: gates.", HelpName = "FOLDER", DefaultValueFactory = _ => "gates" };
        Option<string?> model = SharedOptions.Model();
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("gates", SharedOptions.WithExamples(
            "Learns how much each attention head of the model, which stays as it is, should trust its memory, from books that are read into memory first; then measures on books that were held out what that changes. "
            + "Use them with --gates NAME or Model:Gates.",
            "ra train gates --root ../shared/data --book grimm-fairybook --book lilac-fairybook --held-out treasure-island --held-out frankenstein"))
        {
            root, books, heldOut, name, steps, adapters, places, seed, folder, model, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetRequiredValue(root), parsed.GetRequiredValue(books), parsed.GetRequiredValue(heldOut), parsed.GetRequiredValue(name), parsed.GetValue(steps), parsed.GetValue(adapters), parsed.GetValue(places),
                    parsed.GetValue(seed), parsed.GetRequiredValue(folder), parsed.GetValue(model), parsed.GetValue(library), parsed.GetValue(json)),
                cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(
        string Root, string[] Books, string[] HeldOut, string Name, int Steps, int Adapters, int Places, int Seed, string Folder, string? Model, string? Library, bool Json);

    private sealed record BookGains(string Book, GateGains Gains);

    private static int Run(Request request, CancellationToken cancellation)
    {
        if (request.Steps < 1 || request.Places < 1) throw new ProblemException(ProblemKind.Setting, "--steps and --places must be at least 1.");
        if (request.Adapters is < 0 or > 64) throw new ProblemException(ProblemKind.Setting, $"--adapters is {request.Adapters}; expected 0 to 64.");
        WriteAccess.RequireFolder(request.Folder);
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, request.Model, device: null, gates: "");
        using ProgressLine progress = new();
        Document[] trainedOn = Find(request, request.Books, session, progress, cancellation), heldOut = Find(request, request.HeldOut, session, progress, cancellation);
        string path = MemoryGates.PathFor(session.Model.Path, request.Name);
        WriteAccess.Require(path);

        LearnedGates learned = Learn(request, session, trainedOn, heldOut, progress, cancellation);
        learned.Gates.Save(path);
        string plot = Path.Combine(request.Folder, "gates");
        LossPlot.Save([("gates", learned.Losses)], "NLL less the plain model's, nats a token", plot);
        IReadOnlyList<BookGains> books = Measure(request, session, heldOut, learned.Gates, progress, cancellation);
        if (request.Json) WriteJson(request, session, learned, books, path, plot);
        else WriteTable(books, path, plot);
        return ExitCodes.Success;
    }

    private static LearnedGates Learn(Request request, Session session, Document[] books, Document[] heldOut, ProgressLine progress, CancellationToken cancellation)
    {
        if (books.FirstOrDefault(book => heldOut.Any(other => other.ContentHash == book.ContentHash)) is { } both)
            throw new ProblemException(ProblemKind.Setting, $"'{both.Title}' ({both.Path}) is to be trained on and held out: what is measured on it would say nothing. Name it once.");
        List<DocumentMemory> memories = [];
        try
        {
            foreach (Document book in books) memories.Add(Open(request, session, book, progress, cancellation));
            return new GateTraining(session.Model, memories, session.Settings.Writing, request.Seed, request.Adapters).Run(request.Steps, Path.Combine(request.Folder, $"{request.Name}.checkpoint"), progress, cancellation);
        }
        finally
        {
            foreach (DocumentMemory memory in memories) memory.Dispose();
        }
    }

    private static IReadOnlyList<BookGains> Measure(Request request, Session session, Document[] heldOut, MemoryGates gates, ProgressLine progress, CancellationToken cancellation)
    {
        GateMeasurement measurement = new(session.Model, session.Settings.Writing, gates, request.Places);
        List<BookGains> books = [];
        foreach (Document document in heldOut)
        {
            using DocumentMemory memory = Open(request, session, document, progress, cancellation);
            books.Add(new BookGains(document.Title, measurement.Add(memory, progress, cancellation)));
        }
        return [.. books, new BookGains("all", measurement.All)];
    }

    private static Document[] Find(Request request, string[] parts, Session session, ProgressLine progress, CancellationToken cancellation) =>
        [.. parts.Select(part => Session.Read(session.Settings, FindFile(request.Root, part), progress, cancellation))];

    private static string FindFile(string root, string part)
    {
        if (!Directory.Exists(root)) throw new ProblemException(ProblemKind.NotFound, $"There is no folder '{root}'. Give the folder that holds the books.");
        string[] files =
        [
            .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetRelativePath(root, file).Contains(part, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
        ];
        return files.Length == 1 ? files[0]
            : throw new ProblemException(ProblemKind.NotFound, $"'{part}' names {files.Length} files below '{root}'{(files.Length == 0 ? "" : $", such as {files[0]} and {files[1]}")}. Give a part of one file's path.");
    }

    private static DocumentMemory Open(Request request, Session session, Document document, ProgressLine progress, CancellationToken cancellation) =>
        session.Memories(request.Library).OpenOrRead(document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);

    private static void WriteJson(Request request, Session session, LearnedGates learned, IReadOnlyList<BookGains> books, string path, string plot)
    {
        float[] values = [.. learned.Gates.Values.SelectMany(layer => layer)];
        Output.WriteJson(new
        {
            model = learned.Gates.Model,
            reading = ComputeType.Name(session.Model.Decoder.Compute),
            trainedOn = learned.Gates.Documents,
            request.Steps,
            adapterRank = request.Adapters,
            placesAStep = GateTraining.Places,
            GateTraining.LocalTokens,
            GateTraining.ScoredTokens,
            request.Seed,
            firstLoss = learned.Losses[0],
            lastLoss = learned.Losses.TakeLast(20).Average(),
            gates = new { mean = values.Average(), lowest = values.Min(), highest = values.Max() },
            request.Places,
            heldOut = books.Select(book => new { book.Book, book.Gains.Tokens, book.Gains.RareNames }),
            file = Path.GetFileName(path),
            plot = Path.GetFileName(plot) + ".png",
        });
    }

    private static void WriteTable(IReadOnlyList<BookGains> books, string path, string plot)
    {
        Table table = new("Held out", "measured on", "places", "tokens", "NLL without", "with gates", "gain (95 %)");
        foreach (BookGains book in books)
        {
            foreach ((string what, GateGain? gain) in new[] { ("all tokens", book.Gains.Tokens), ("rare names", book.Gains.RareNames) })
            {
                if (gain is null) continue;
                table.Add(
                    book.Book, what, $"{gain.Places}", $"{gain.Tokens}", Number(gain.Plain), Number(gain.Gated),
                    string.Create(CultureInfo.InvariantCulture, $"{gain.Gain.Mean:+0.000;-0.000;0.000} ({gain.Gain.Low:+0.000;-0.000;0.000} to {gain.Gain.High:+0.000;-0.000;0.000}){(gain.Gain.ExcludesZero ? "" : ": no difference")}"));
            }
        }
        table.Write();
        Console.Out.WriteLine($"Gates: {path}. Losses: {plot}.png and .svg.");
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
