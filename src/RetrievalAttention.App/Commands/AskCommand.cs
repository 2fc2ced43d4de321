using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Answers a question about a book of the library or a file, reading it first where that was not done yet.</summary>
internal static class AskCommand
{
    /// <summary>Sources that are printed as text; --json has all.</summary>
    private const int ShownSources = 3;

    public static Command Create()
    {
        Argument<string> question = new("question") { Description = "What you want to know.", HelpName = "QUESTION" };
        Option<string?> from = new("--from") { Description = "A file to ask about; it is read on first use and remembered, also for a later 'ra ingest'.", HelpName = "FILE" };
        Option<string?> book = new("--book") { Description = "A book of the library: any unambiguous part of its title or path. Without --book and --from the book is found by the question.", HelpName = "BOOK" };
        Option<bool> noRead = new("--no-read") { Description = "Do not read a book now that has no memory yet: answer from the text of its best passages." };
        Option<string?> library = SharedOptions.Library();
        GenerationOptions generation = new();
        Option<bool> reread = new("--reread") { Description = "Forget what was read of this file and read it anew." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("ask", SharedOptions.WithExamples(
            "Answers a question about a book, with the passages that the model looked at. The first question about a book reads it, unless 'ra ingest' did; later ones start at once.",
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
        AskedBook book = AskedBook.Find(settings, request.Question, request.From, request.Book, request.Library, progress, cancellation);
        if (book.Stage is { } stage) Output.Note($"{book.Document.Title} ({StageNames.Of(stage)})");
        foreach (string warning in book.Document.Warnings) Output.Note($"{book.Document.Title}: {warning}");
        using Session session = Session.Open(settings, parsed.GetValue(generation.Model), parsed.GetValue(generation.Device), embedsSoon: true, request.Library);
        MemoryStore memories = session.Memories(request.Library);
        if (request.Reread) memories.Remove(book.Document);

        Answer answer = AskRepairing(session, memories, book.Document, request, options, progress, cancellation);
        if (request.Json) WriteJson(answer, book, session);
        else WriteText(answer);
        return ExitCodes.Success;
    }

    /// <summary>Asks; a damaged memory is cut off at the damage, read again from there, and asked once more.</summary>
    private static Answer AskRepairing(
        Session session, MemoryStore memories, Document document, Request request, AnsweringOptions options, ProgressLine progress, CancellationToken cancellation)
    {
        using BlockFinder finder = new(session.Model, () => session.Embedder, session.Settings.Passages);
        Answerer answerer = new(session.Model, options, finder.Rank);
        Action<string>? stream = request.Json ? null : Console.Out.Write;
        for (bool repaired = false; ; repaired = true)
        {
            using DocumentMemory? memory = Open(session, memories, document, request, progress, cancellation);
            if (memory is { Full: false }) finder.Prepare(memory, progress, cancellation);
            progress.Dispose();
            if (memory is null) return new TextAnswerer(session.Model, options, session.Settings.Passages).Ask(document, request.Question, stream, cancellation);
            try
            {
                return answerer.Ask(memory, request.Question, stream, cancellation);
            }
            catch (DamagedBlockException damage) when (!repaired)
            {
                memories.Repair(damage, document.Title, Output.Note, cancellation);
            }
        }
    }

    /// <summary>Null when there is no memory and none is to be made now.</summary>
    private static DocumentMemory? Open(
        Session session, MemoryStore memories, Document document, Request request, ProgressLine progress, CancellationToken cancellation)
    {
        if (!request.NoRead) return memories.OpenOrRead(document, session.Model, MemoryStore.QuestionRoom, forceRetrieval: false, progress, Output.Note, cancellation);
        DocumentMemory? there = memories.OpenIfThere(document, session.Model, MemoryStore.QuestionRoom, forceRetrieval: false);
        if (there is null) Output.Note($"{document.Title} has no attention memory yet; answering from the text of its best passages.");
        return there;
    }

    private static void WriteText(Answer answer)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        Console.Out.WriteLine();
        if (!answer.Supported) Console.Out.WriteLine("\n(The text does not seem to hold the answer: having read it made this answer no likelier.)");
        Console.Out.WriteLine();
        SourceText.Write(answer.Sources.Take(ShownSources));
        AnswerTimings timings = answer.Timings;
        string read = timings.ReadTokens > 0 ? string.Create(culture, $"read {timings.ReadTokens:N0} tokens in {timings.ReadSeconds:0} s · ") : "";
        Output.Note(string.Create(culture, $"({read}first token after {timings.FirstTokenMilliseconds:0} ms · {timings.TokensPerSecond:0} tokens/s · support {answer.Support:+0.00;-0.00} nats a token)"));
    }

    private static void WriteJson(Answer answer, AskedBook book, Session session) => Output.WriteJson(new
    {
        answer = answer.Text,
        answer.Mode,
        book = new { book.Document.Title, book.Document.Path, book.Stage },
        answer.Sources,
        answer.Support,
        answer.Supported,
        answer.Timings,
        model = session.Model.Weights.Name,
        device = session.Device.Device.ToString(),
    });
}
