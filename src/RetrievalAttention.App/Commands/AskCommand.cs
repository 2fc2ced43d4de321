using System.CommandLine;
using RetrievalAttention.Answering;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Answers a question about books of the library or a file, reading first what was not read yet.</summary>
internal static class AskCommand
{
    /// <summary>Sources that are printed as text; --json has all.</summary>
    private const int ShownSources = 3;

    public static Command Create()
    {
        Argument<string> question = new("question") { Description = "What you want to know.", HelpName = "QUESTION" };
        Option<string?> from = new("--from") { Description = "A file to ask about; it is read on first use and remembered, also for a later 'ra ingest'.", HelpName = "FILE" };
        Option<string?> book = new("--book") { Description = "A book of the library: any unambiguous part of its title or path. Without --book and --from the books that fit the question are asked together.", HelpName = "BOOK" };
        Option<bool> noRead = new("--no-read") { Description = "Do not read a book now that has no memory yet: answer from the text of its best passages." };
        Option<string?> library = SharedOptions.Library();
        GenerationOptions generation = new();
        Option<bool> reread = new("--reread") { Description = "Forget what was read of this file and read it anew." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("ask", SharedOptions.WithExamples(
            "Answers a question about a book, or about all books of the library at once, with the passages that the model looked at. The first question about a book reads it, unless 'ra ingest' did; later ones start at once.",
            "ra ask \"Why was Jabez Wilson chosen by the League?\" --from corpora/the-red-headed-league.sample.txt",
            "ra ask \"Who wrote the letter?\"",
            "ra ask \"Who wrote the letter?\" --book frankenstein --json",
            "ra ask \"What is the moral?\" --from fables.txt --temperature 0.7 --top-p 0.9 --seed 3"))
        {
            question, book, from, library, reread, noRead, json,
        };
        generation.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetRequiredValue(question), parsed.GetValue(from), parsed.GetValue(book), parsed.GetValue(library),
                    parsed.GetValue(reread), parsed.GetValue(noRead), parsed.GetValue(json)),
                parsed, generation, cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(string Question, string? From, string? Book, string? Library, bool Reread, bool NoRead, bool Json);

    private static int Run(Request request, ParseResult parsed, GenerationOptions generation, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        AnsweringOptions options = generation.Apply(parsed, settings.Answering);
        if (string.IsNullOrWhiteSpace(request.Question)) throw new ProblemException(ProblemKind.Setting, "The question is empty. Give it in quotes: ra ask \"Who is …?\"");

        using ProgressLine progress = new();
        AskedBooks books = AskedBooks.Find(settings, request.Question, request.From, request.Book, request.Library, progress, cancellation);
        AnswerOutput.NoteBooks(books);
        using Session session = Session.Open(settings, parsed.GetValue(generation.Model), parsed.GetValue(generation.Device), embedsSoon: true, request.Library, parsed.GetValue(generation.Gates));
        MemoryStore memories = session.Memories(request.Library);
        if (request.Reread) memories.Remove(books.Best.Document);

        using Asking asking = new(session, memories, options, read: !request.NoRead);
        Asked asked = asking.Ask(books, new UserQuestion(request.Question), request.Json ? null : Output.Write, progress, cancellation);
        if (request.Json) Output.WriteJson(AnswerOutput.ToJson(asked, session));
        else AnswerOutput.WriteRest(asked.Answer, ShownSources);
        return ExitCodes.Success;
    }
}
