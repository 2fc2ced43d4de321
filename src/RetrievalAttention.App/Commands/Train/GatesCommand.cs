using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Writing;
using RetrievalAttention.Memory;
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
        Option<string?> model = new("--model") { Description = "A .gguf file or a Hugging Face folder instead of the configured model.", HelpName = "PATH" };
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

    /// <param name="Tokens">At places evenly over the last thirds, all tokens.</param>
    /// <param name="RareNames">At places where a rare name is said, the name's tokens.</param>
    private sealed record Gains(string Book, GateGain? Tokens, GateGain? RareNames);

    private static int Run(Request request, CancellationToken cancellation)
    {
        if (request.Steps < 1 || request.Places < 1) throw new ProblemException(ProblemKind.Setting, "--steps and --places must be at least 1.");
        if (request.Adapters is < 0 or > 64) throw new ProblemException(ProblemKind.Setting, $"--adapters is {request.Adapters}; expected 0 to 64.");
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, request.Model, device: null, gates: "");
        using ProgressLine progress = new();
        Document[] books = Find(request, request.Books, session, progress, cancellation), heldOut = Find(request, request.HeldOut, session, progress, cancellation);
        string path = MemoryGates.PathFor(session.Model.Path, request.Name);
        Directory.CreateDirectory(request.Folder);

        LearnedGates learned = Learn(request, session, books, heldOut, progress, cancellation);
        learned.Gates.Save(path);
        string plot = Path.Combine(request.Folder, "gates");
        LossPlot.Save([("gates", learned.Losses)], "NLL, nats a token", plot);
        List<(Gains Gains, Measured Measured)> measured = [.. heldOut.Select(document => Measure(request, session, document, learned.Gates, progress, cancellation))];
        Gains[] gains = [.. measured.Select(one => one.Gains), GainsOf("all", Measured.All(measured.Select(one => one.Measured)))];
        if (request.Json) WriteJson(request, learned, gains, path, plot);
        else WriteTable(gains, path, plot);
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

    private static (Gains Gains, Measured Measured) Measure(Request request, Session session, Document document, MemoryGates gates, ProgressLine progress, CancellationToken cancellation)
    {
        gates.ThrowIfTrainedOn(document);
        using DocumentMemory memory = Open(request, session, document, progress, cancellation);
        BookNames names = BookNames.Of(document, session.Model.Tokenizer);
        ContinuationEvaluation evaluation = new(session.Model, session.Settings.Writing) { Sights = [Sight.LookingAgain] };
        IReadOnlyList<PlaceResult> Continue(MemoryGates? used, bool atNames)
        {
            session.Model.Use(used);
            int done = 0;
            return evaluation.Run(
                memory, names, request.Places, GateTraining.LocalTokens, atNames,
                () => progress.Report(new WorkProgress($"Continuing {document.Title} {(used is null ? "without" : "with")} gates", ++done, request.Places, "places")), cancellation);
        }
        Measured measured = new(Continue(null, false), Continue(gates, false), Continue(null, true), Continue(gates, true));
        return (GainsOf(document.Title, measured), measured);
    }

    private sealed record Measured(IReadOnlyList<PlaceResult> Plain, IReadOnlyList<PlaceResult> Gated, IReadOnlyList<PlaceResult> PlainAtNames, IReadOnlyList<PlaceResult> GatedAtNames)
    {
        public static Measured All(IEnumerable<Measured> books) => books.Aggregate((a, b) => new Measured(
            [.. a.Plain, .. b.Plain], [.. a.Gated, .. b.Gated], [.. a.PlainAtNames, .. b.PlainAtNames], [.. a.GatedAtNames, .. b.GatedAtNames]));
    }

    private static Gains GainsOf(string book, Measured measured) => new(
        book, GateGain.Of(measured.Plain, measured.Gated, place => place.Nll), GateGain.Of(measured.PlainAtNames, measured.GatedAtNames, place => place.RareNll));

    private static Document[] Find(Request request, string[] parts, Session session, ProgressLine progress, CancellationToken cancellation) =>
        [.. parts.Select(part => Session.Read(session.Settings, FindFile(request.Root, part), progress, cancellation))];

    private static string FindFile(string root, string part)
    {
        if (!Directory.Exists(root)) throw new ProblemException(ProblemKind.NotFound, $"There is no folder '{root}'. Give the folder that holds the books.");
        string[] files = [.. Directory.EnumerateFiles(root, $"*{part}*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return files.Length == 1 ? files[0]
            : throw new ProblemException(ProblemKind.NotFound, $"'{part}' names {files.Length} files below '{root}'{(files.Length == 0 ? "" : $", such as {files[0]} and {files[1]}")}. Give a part of one file's name.");
    }

    private static DocumentMemory Open(Request request, Session session, Document document, ProgressLine progress, CancellationToken cancellation) =>
        session.Memories(request.Library).OpenOrRead(document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);

    private static void WriteJson(Request request, LearnedGates learned, Gains[] gains, string path, string plot)
    {
        float[] values = [.. learned.Gates.Values.SelectMany(layer => layer)];
        Output.WriteJson(new
        {
            model = learned.Gates.Model, trainedOn = learned.Gates.Documents, request.Steps, adapterRank = request.Adapters, placesAStep = GateTraining.Places, GateTraining.LocalTokens, GateTraining.ScoredTokens, request.Seed,
            firstLoss = learned.Losses.Take(20).Average(), lastLoss = learned.Losses.TakeLast(20).Average(),
            gates = new { mean = values.Average(), lowest = values.Min(), highest = values.Max() },
            heldOut = gains, file = Path.GetFileName(path), plot = plot + ".png",
        });
    }

    private static void WriteTable(Gains[] gains, string path, string plot)
    {
        Table table = new("Held out", "measured on", "places", "tokens", "NLL without", "with gates", "gain (95 %)");
        foreach (Gains book in gains)
        {
            foreach ((string what, GateGain? gain) in new[] { ("all tokens", book.Tokens), ("rare names", book.RareNames) })
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
