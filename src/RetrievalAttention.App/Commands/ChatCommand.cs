using System.CommandLine;
using RetrievalAttention.Answering;
using RetrievalAttention.App.Commands.Chat;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;

namespace RetrievalAttention.App.Commands;

/// <summary>A conversation about a book of the library, a file, or the whole library.</summary>
internal static class ChatCommand
{
    private const string Name = "chat";

    /// <summary>Ctrl-C stops an answer here, not the program.</summary>
    public static bool HandlesInterrupts(ParseResult parsed) => parsed.CommandResult.Command.Name == Name;

    public static Command Create()
    {
        Argument<string?> book = BookSource.Book();
        Option<string?> from = BookSource.From();
        Option<string?> library = SharedOptions.Library();
        Option<bool> noRead = new("--no-read") { Description = "Do not read a book now that has no memory yet: answer from the text of its best passages." };
        Option<bool> json = new("--json") { Description = "Print one JSON object a question, on one line." };
        GenerationOptions generation = new();
        Command command = new(Name, SharedOptions.WithExamples(
            "A conversation about a book, or about the whole library where none is named. What was asked and answered before is taken into account: 'And what did he do then?' "
            + "Commands begin with '/': /sources, /book NAME, /save FILE, /help, /quit. Ctrl-C stops an answer, twice ends. Questions may also come from a pipe, one a line.",
            "ra chat frankenstein", "ra chat --from corpora/the-red-headed-league.sample.txt", "printf 'Who is Jabez Wilson?\\nWhat was he paid for?\\n' | ra chat --json"))
        {
            book, from, library, noRead, json,
        };
        generation.AddTo(command);
        command.SetAction((parsed, _) => Task.Run(
            () => RunAsync(parsed, parsed.GetValue(book), parsed.GetValue(from), parsed.GetValue(library), !parsed.GetValue(noRead), parsed.GetValue(json), generation), CancellationToken.None));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string? book, string? from, string? library, bool read, bool json, GenerationOptions generation)
    {
        AllSettings settings = AllSettings.Load();
        AnsweringOptions options = generation.Apply(parsed, settings.Answering);
        if (from is not null && book is not null) throw new ProblemException(ProblemKind.Setting, "Give --from (a file) or a book of the library, not both.");

        using ProgressLine progress = new();
        using Interrupts interrupts = new(() => Output.Note("\n(Ctrl-C again, or /quit, ends.)"));
        ChatBooks books = new(settings, library);
        if (from is not null) books.UseFile(from, progress, interrupts.End);
        else if (book is not null) books.UseBook(book, progress, interrupts.End);
        else books.UseLibrary();
        using Session session = Session.Open(settings, parsed.GetValue(generation.Model), parsed.GetValue(generation.Device), embedsSoon: true, library, parsed.GetValue(generation.Gates));
        using Asking asking = new(session, session.Memories(library), options, read);
        return await new ChatLoop(session, books, asking, interrupts, progress, json).RunAsync();
    }
}
