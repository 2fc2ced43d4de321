using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra search</c>: passages of the library for a question or some words.</summary>
internal static class SearchCommand
{
    private const int MostResults = 1000;

    public static Command Create()
    {
        Argument<string> query = new("query") { Description = "A question or words; \"quoted words\" must stand together, sail* finds all that begins so.", HelpName = "QUERY" };
        Option<string?> book = new("--book") { Description = "Only in this book: any unambiguous part of its title or path.", HelpName = "BOOK" };
        Option<int> top = new("--top") { Description = "How many passages to show.", HelpName = "N", DefaultValueFactory = _ => 10 };
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("search", SharedOptions.WithExamples(
            "Finds passages by their words, their meaning and, in books that were read into memory, by the model's attention; shows the sentences that match, and why each was found.",
            "ra search \"why did the captain lock the powder away\"", "ra search '\"black spot\"' --book \"treasure island\" --top 3 --json"))
        {
            query, book, top, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetRequiredValue(query), parsed.GetValue(book), parsed.GetValue(top), parsed.GetValue(library), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string query, string? book, int top, string? libraryName, bool json, CancellationToken cancellation)
    {
        if (top is < 1 or > MostResults) throw new ProblemException(ProblemKind.Setting, $"--top is {top}; expected 1 to {MostResults}.");
        if (string.IsNullOrWhiteSpace(query)) throw new ProblemException(ProblemKind.Setting, "The query is empty. Give words or a question in quotes: ra search \"where is the treasure\"");
        AllSettings settings = AllSettings.Load();
        using Library library = settings.OpenLibrary(libraryName);
        long? document = book is null ? null : library.Documents.Find(book).Id;
        ChosenDevice device = Devices.Choose(settings.Model.Device);
        using SentenceEmbedder embedder = Session.OpenEmbedder(settings, device);
        cancellation.ThrowIfCancellationRequested();
        Lazy<LoadedModel> model = new(() => new LoadedModel(settings.Model.Decoder, device.Device, Session.NotesFolder(settings), settings.Model.ReadingType));
        using LibraryAttention attention = new(library, new MemoryStore(library.MemoryFolder, settings.Memory), () => model.Value, Output.Note);
        using PassageSearch search = PassageSearch.Open(library, embedder, settings.Vectors, device.Device, attention);
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<FoundPassage> found = search.Search(query, top, document, out bool? phrases);
        if (model.IsValueCreated) model.Value.Dispose();
        cancellation.ThrowIfCancellationRequested();

        if (query.Length > PassageSearch.LongestQuery) Output.Note($"The query has {query.Length:N0} characters; the first {PassageSearch.LongestQuery:N0} were looked at.");
        if (phrases is false && found.Count > 0) Output.Note("No passage holds the words in quotation marks as they stand there. These are the nearest.");
        if (json) WriteJson(found, phrases);
        else WriteText(found, library);
        return ExitCodes.Success;
    }

    /// <param name="phrases">Whether the words in quotation marks were found; null where there are none.</param>
    private static void WriteJson(IReadOnlyList<FoundPassage> results, bool? phrases) => Output.WriteJson(new
    {
        phrasesFound = phrases,
        results = results.Select(result => new
        {
            result.Place.Document,
            result.Place.Title,
            result.Place.Section,
            result.Place.Page,
            result.Place.Start,
            result.Place.End,
            result.Passage.Passage.Text,
            result.Score,
            signals = result.Places.ToDictionary(place => Name(place.Key), place => new { rank = place.Value.Rank + 1, place.Value.Score }),
            secondLook = result.SecondLook + 1,
            result.Sentences,
            before = result.Before?.Passage.Text,
            after = result.After?.Passage.Text,
            elsewhere = result.Elsewhere.Select(place => new { place.Document, place.Title, place.Section, place.Page, place.Start, place.End }),
        }),
    });

    private static void WriteText(IReadOnlyList<FoundPassage> results, Library library)
    {
        foreach ((int i, FoundPassage result) in results.Index())
        {
            string section = result.Place.Section.Length == 0 ? "" : $", {result.Place.Section}";
            string page = result.Place.Page is null ? "" : $", page {result.Place.Page}";
            Console.Out.WriteLine(Table.Printable($"[{i + 1}] {result.Place.Title}{section}{page} (characters {result.Place.Start}–{result.Place.End})"));
            IReadOnlyList<string> shown = result.Sentences.Count > 0 ? result.Sentences : [result.Passage.Passage.Text];
            foreach (string sentence in shown) Output.WriteLine($"    {sentence.ReplaceLineEndings(" ")}");
            string why = string.Join(", ", result.Places.OrderBy(place => place.Value.Rank).Select(place => string.Create(CultureInfo.InvariantCulture, $"{Name(place.Key)} #{place.Value.Rank + 1}")));
            if (result.SecondLook is { } second) why += string.Create(CultureInfo.InvariantCulture, $", second look #{second + 1}");
            string elsewhere = result.Elsewhere.Count == 0 ? "" : $"; nearly the same in {result.Elsewhere.Count} other places";
            Console.Out.WriteLine($"    found by {why}{elsewhere}");
        }
        if (results.Count == 0) Output.Note($"Nothing was found in the library '{library.Name}'. Use other words, or see with 'ra status' whether its books were read.");
    }

    private static string Name(SignalKind signal) => signal.ToString().ToLowerInvariant();
}
