using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Writing;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval writing</c>: whether looking again makes a book's own continuation likelier, and what texts the program writes.</summary>
internal static class WritingCommand
{
    public static Command Create()
    {
        Option<string> root = new("--root") { Description = "Folder with the books.", HelpName = "DIR", Required = true };
        Option<string[]> books = new("--book") { Description = "Only books whose file name contains this; may be given several times.", HelpName = "PART" };
        Option<int?> limit = new("--limit") { Description = "Only the N smallest of them.", HelpName = "N" };
        Option<int> places = new("--places") { Description = "Places a book at which its continuation is scored. Default: 60.", HelpName = "N", DefaultValueFactory = _ => 60 };
        Option<bool> atNames = new("--at-names") { Description = "Places where a rare name is said, instead of evenly over the last third." };
        Option<int> local = new("--local") { Description = "Tokens read before a place, a multiple of 64. Default: 448.", HelpName = "N", DefaultValueFactory = _ => 448 };
        Option<int> prompts = new("--prompts") { Description = "Texts written a book and sight; 0 for none. Default: 20.", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<int> words = new("--words") { Description = "Words a text. Default: 100.", HelpName = "N", DefaultValueFactory = _ => 100 };
        Option<bool> perText = new("--per-text") { Description = "Also every text that was written." };
        Option<string?> gates = SharedOptions.Gates();
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("writing", SharedOptions.WithExamples(
            "NLL of books' own continuations in their last third, over all tokens and over rare names (said before, but not in the last 960 tokens), with nothing, the opening, random blocks or "
            + "looking again in sight; then texts written to general prompts over each book's names: repetition, names, copying.",
            "ra eval writing --root ../shared/data/books --book treasure --book frankenstein --json"))
        {
            root, books, limit, places, atNames, local, prompts, words, perText, gates, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetRequiredValue(root), parsed.GetValue(books) ?? [], parsed.GetValue(limit), parsed.GetValue(places), parsed.GetValue(atNames), parsed.GetValue(local),
                    parsed.GetValue(prompts), parsed.GetValue(words), parsed.GetValue(perText), parsed.GetValue(gates), parsed.GetValue(library), parsed.GetValue(json)),
                cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(
        string Root, string[] Books, int? Limit, int Places, bool AtNames, int Local, int Prompts, int Words, bool PerText, string? Gates, string? Library, bool Json);

    private sealed record BookResult(string Book, ContinuationReport? Continuations, IReadOnlyList<TextMeans> Texts);

    /// <param name="NamesOfBook">Different words of the book's names a text, without those of the prompt.</param>
    /// <param name="DistinctNames">The same over all texts.</param>
    private sealed record TextMeans(Sight Sight, int Texts, double Repetition, double NamesOfBook, int DistinctNames, double? NamesInBook, double Copied);

    private static int Run(Request request, CancellationToken cancellation)
    {
        if (request.Places < 0 || request.Prompts < 0 || request.Words < 1) throw new ProblemException(ProblemKind.Setting, "--places and --prompts must be at least 0, --words at least 1.");
        if (request.Local < KvCodec.BlockTokens || request.Local % KvCodec.BlockTokens != 0) throw new ProblemException(ProblemKind.Setting, $"--local is {request.Local}; expected a multiple of {KvCodec.BlockTokens}.");
        AllSettings settings = AllSettings.Load();
        FileInfo[] files = Files(request);
        using Session session = Session.Open(settings, model: null, device: null, gates: request.Gates);
        using ProgressLine progress = new();
        List<BookResult> books = [];
        List<PlaceResult> places = [];
        List<WritingResult> texts = [];
        foreach (FileInfo file in files)
        {
            Document document = session.ReadToMeasure(file.FullName, progress, cancellation);
            using DocumentMemory memory = session.Memories(request.Library).OpenOrRead(document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);
            BookNames names = BookNames.Of(document, session.Model.Tokenizer);
            IReadOnlyList<PlaceResult> own = Continuations(request, session, memory, names, progress, cancellation);
            IReadOnlyList<WritingResult> written = Texts(request, session, memory, names, progress, cancellation);
            books.Add(new BookResult(document.Title, own.Count == 0 ? null : ContinuationReport.Of(own), Means(written)));
            places.AddRange(own);
            texts.AddRange(written);
        }
        BookResult all = new("all", places.Count == 0 ? null : ContinuationReport.Of(places), Means(texts));
        if (request.Json) Output.WriteJson(new { books, all.Continuations, all.Texts, model = session.Model.Weights.Name, device = session.Device.Device.ToString(), written = request.PerText ? texts : null });
        else Write([.. books, all]);
        return ExitCodes.Success;
    }

    private static FileInfo[] Files(Request request)
    {
        if (!Directory.Exists(request.Root)) throw new ProblemException(ProblemKind.NotFound, $"There is no folder '{request.Root}'. Give the folder that holds the books.");
        FileInfo[] files = [.. new DirectoryInfo(request.Root).GetFiles()
            .Where(file => request.Books.Length == 0 || request.Books.Any(part => file.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(file => file.Length).Take(request.Limit ?? int.MaxValue)];
        return files.Length > 0 ? files : throw new ProblemException(ProblemKind.NotFound, $"No file of '{request.Root}' matches the selection.");
    }

    private static IReadOnlyList<PlaceResult> Continuations(Request request, Session session, DocumentMemory memory, BookNames names, ProgressLine progress, CancellationToken cancellation)
    {
        int done = 0;
        return request.Places == 0 ? [] : new ContinuationEvaluation(session.Model, session.Settings.Writing).Run(
            memory, names, request.Places, request.Local, request.AtNames, () => progress.Report(new WorkProgress($"Continuing {memory.Document.Title}", ++done, request.Places, "places")), cancellation);
    }

    private static IReadOnlyList<WritingResult> Texts(Request request, Session session, DocumentMemory memory, BookNames names, ProgressLine progress, CancellationToken cancellation)
    {
        if (request.Prompts == 0) return [];
        WritingOptions options = session.Settings.Writing;
        Writer writer = new(session.Model, options, options.Sampling(session.Settings.Answering));
        int done = 0;
        return new WritingEvaluation(session.Model, options, writer).Run(
            memory, names, WritingEvaluation.Prompts(names, memory.Document.Title, request.Prompts, request.Words),
            () => progress.Report(new WorkProgress($"Writing over {memory.Document.Title}", ++done, WritingEvaluation.TextsOf(request.Prompts), "texts")), cancellation);
    }

    private static IReadOnlyList<TextMeans> Means(IReadOnlyList<WritingResult> results) =>
    [
        .. results.GroupBy(result => result.Sight).OrderBy(group => group.Key).Select(group =>
        {
            double[] inBook = [.. group.Select(result => result.NamesInBook).OfType<double>()];
            return new TextMeans(
                group.Key, group.Count(), group.Average(result => result.Repetition), group.Average(result => result.NamesOfBook.Count),
                group.SelectMany(result => result.NamesOfBook).Distinct().Count(), inBook.Length == 0 ? null : inBook.Average(), group.Average(result => result.Copied));
        }),
    ];

    private static void Write(IReadOnlyList<BookResult> books)
    {
        Table continuations = new("Book", "places", "in sight", "NLL", "gain (95 %)", "rare names", "NLL", "gain (95 %)");
        Table texts = new("Book", "texts", "in sight", "repetition", "names of the book a text", "different ones", "names in the book", "copied");
        foreach (BookResult book in books)
        {
            foreach (SightMeans mean in book.Continuations?.Sights ?? [])
                continuations.Add(book.Book, Whole(book.Continuations!.Places), $"{mean.Sight}", Number(mean.Nll), Range(mean.Gain), Whole(book.Continuations.RareTokens), Number(mean.RareNll), Range(mean.RareGain));
            foreach (TextMeans mean in book.Texts)
                texts.Add(book.Book, Whole(mean.Texts), $"{mean.Sight}", Number(mean.Repetition), Number(mean.NamesOfBook), Whole(mean.DistinctNames), Number(mean.NamesInBook), Number(mean.Copied));
        }
        continuations.Write();
        Console.Out.WriteLine();
        texts.Write();
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    private static string Range(Interval? value) => value is { } interval ? string.Create(CultureInfo.InvariantCulture, $"{interval.Mean:+0.000;-0.000;0.000} ({interval.Low:+0.000;-0.000;0.000} to {interval.High:+0.000;-0.000;0.000})") : "–";
}
