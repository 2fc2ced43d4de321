using System.CommandLine;
using System.Globalization;
using System.Text;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Writes a text over a book with the memory of the book: a next scene, a letter, an essay, or the continuation of a text.</summary>
internal static class WriteCommand
{
    private const int MostWords = 100_000;

    private enum Role
    {
        Auto,
        Instruction,
        Opening,
    }

    public static Command Create()
    {
        Argument<string?> book = BookSource.Book();
        Argument<string?> text = new("text") { Description = "What to do (\"Write a letter from …\") or how the text opens; with --continue it may be left out.", HelpName = "TEXT", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> from = BookSource.From();
        Option<string?> library = SharedOptions.Library();
        Option<int> words = new("--words") { Description = "About how many words; the end of the sentence is awaited. Default: 300.", HelpName = "N", DefaultValueFactory = _ => 300 };
        Option<Role> role = new("--as") { Description = "Whether the text is an instruction or an opening. Default: auto, an instruction if it begins like one (write, describe, tell …).", HelpName = "ROLE" };
        Option<string?> continued = new("--continue") { Description = "A text file that is to go on.", HelpName = "FILE" };
        Option<bool> styleOnly = new("--style-only") { Description = "See only the opening of the book, for its style; look for nothing in it." };
        Option<string?> output = new("--out") { Description = "Write the text to this file; the file of --continue is appended to.", HelpName = "FILE" };
        Option<bool> json = SharedOptions.Json();
        GenerationOptions generation = new();
        Command command = new("write", SharedOptions.WithExamples(
            "Writes over a book: the model looks again for the passages that matter every few tokens, keeps names right and itself out of loops, and tells at the end what it drew on. "
            + "The same seed gives the same text. A book that was not read yet is read first.",
            "ra write \"treasure island\" \"Write a letter from Jim Hawkins to his mother.\"",
            "ra write frankenstein \"That night the creature came back to the cottage.\" --words 500 --seed 3",
            "ra write \"Write the next scene.\" --from corpora/the-red-headed-league.sample.txt --continue scene.txt --out scene.txt"))
        {
            book, text, from, library, words, role, continued, styleOnly, output, json,
        };
        generation.AddTo(command, length: false);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetValue(book), parsed.GetValue(text), parsed.GetValue(from), parsed.GetValue(library), parsed.GetValue(words), parsed.GetValue(role),
                    parsed.GetValue(continued), parsed.GetValue(styleOnly), parsed.GetValue(output), parsed.GetValue(json)),
                parsed, generation, cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(
        string? FirstWord, string? SecondWord, string? From, string? Library, int Words, Role Role, string? Continue, bool StyleOnly, string? Out, bool Json)
    {
        /// <summary>With --from there is no name of a book, so a single argument is the text.</summary>
        public string? Book => From is not null && SecondWord is null ? null : FirstWord;

        public string Text => (From is not null && SecondWord is null ? FirstWord : SecondWord) ?? "";
    }

    private static int Run(Request request, ParseResult parsed, GenerationOptions generation, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        AnsweringOptions sampling = generation.Apply(parsed, settings.Writing.Sampling(settings.Answering));
        WritingRequest wanted = Wanted(request);
        if (request.Book is null && request.From is null) throw new ProblemException(ProblemKind.Setting, "Name either a book of the library (ra list shows them) or a file (--from FILE).");
        if (request.Out is not null) WriteAccess.Require(request.Out);

        using ProgressLine progress = new();
        AskedBook book = AskedBooks.Find(settings, request.Text, request.From, request.Book, request.Library, progress, cancellation).Best;
        foreach (string warning in book.Document.Warnings) Output.Note($"{book.Document.Title}: {warning}");
        using Session session = Session.Open(settings, parsed.GetValue(generation.Model), parsed.GetValue(generation.Device), gates: parsed.GetValue(generation.Gates));
        MemoryStore memories = session.Memories(request.Library);
        using DocumentMemory memory = memories.OpenOrRead(book.Document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);
        progress.Dispose();

        WrittenText written = Write(new Writer(session.Model, settings.Writing with { RepetitionPenalty = sampling.RepetitionPenalty }, sampling), memory, memories, wanted, request, cancellation);
        if (request.Json) WriteJson(written, book, session);
        else WriteText(written);
        return ExitCodes.Success;
    }

    /// <summary>Shows the text while it is written; what is there when it is stopped is kept in --out.</summary>
    private static WrittenText Write(Writer writer, DocumentMemory memory, MemoryStore memories, WritingRequest wanted, Request request, CancellationToken cancellation)
    {
        StringBuilder text = new();
        try
        {
            return writer.Write(memory, wanted, piece =>
            {
                text.Append(piece);
                if (!request.Json) Output.Write(piece);
            }, cancellation);
        }
        catch (DamagedBlockException damage)
        {
            memories.Repair(damage, memory.Document.Title, Output.Note, cancellation);
            throw new ProblemException(ProblemKind.Index, $"{damage.Message} Run the same command again: what is damaged is then read anew.", damage);
        }
        finally
        {
            Keep(text.ToString().Trim(), request);
        }
    }

    private static void Keep(string text, Request request)
    {
        if (request.Out is null || text.Length == 0) return;
        bool appends = request.Continue is not null && Path.GetFullPath(request.Continue) == Path.GetFullPath(request.Out);
        try
        {
            if (appends) File.AppendAllText(request.Out, (char.IsWhiteSpace(File.ReadAllText(request.Out)[^1]) ? "" : " ") + text + Environment.NewLine);
            else File.WriteAllText(request.Out, text + Environment.NewLine);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The text could not be written to '{request.Out}': {error.Message.TrimEnd('.')}. Give another --out.", error);
        }
    }

    private static WritingRequest Wanted(Request request)
    {
        if (request.Words is < 1 or > MostWords) throw new ProblemException(ProblemKind.Setting, $"--words is {request.Words}; expected 1 to {MostWords:N0}.");
        string text = request.Text.Trim(), continued = request.Continue is null ? "" : ReadContinued(request.Continue);
        if (text.Length == 0 && continued.Length == 0)
            throw new ProblemException(ProblemKind.Setting, "There is nothing to write from. Give an instruction or an opening in quotes, or a text with --continue FILE: ra write BOOK \"Write a letter from …\"");
        bool instruction = request.Role == Role.Instruction || request.Role == Role.Auto && InstructionWords.Begin(text);
        return new WritingRequest(instruction ? text : "", instruction ? continued : $"{continued}\n\n{text}".Trim(), request.Words, request.StyleOnly);
    }

    private static string ReadContinued(string path)
    {
        if (!File.Exists(path)) throw new ProblemException(ProblemKind.NotFound, $"There is no file '{path}'; --continue expects a text file.");
        string text = File.ReadAllText(path).Trim();
        return text.Length > 0 ? text : throw new ProblemException(ProblemKind.Document, $"'{path}' is empty, so there is nothing to continue. Leave --continue out.");
    }

    private static void WriteText(WrittenText written)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        Console.Out.WriteLine("\n");
        if (written.Sources.Count > 0) Console.Out.WriteLine("It drew on:");
        SourceText.Write(written.Sources);
        string known = string.Join(", ", written.Names.Where(name => name.InBook).Select(name => name.Name));
        string unknown = string.Join(", ", written.Names.Where(name => !name.InBook).Select(name => name.Name));
        if (known.Length > 0) Output.WriteLine($"Names and numbers that stand in the book: {known}");
        if (unknown.Length > 0) Output.WriteLine($"Not in the book: {unknown}");
        WritingTimings timings = written.Timings;
        Output.Note(string.Create(culture, $"({written.Words:N0} words · first token after {timings.FirstTokenMilliseconds:0} ms · {timings.TokensPerSecond:0} tokens/s · looked {written.Looks} times, {timings.LookMilliseconds:0} ms each)"));
    }

    private static void WriteJson(WrittenText written, AskedBook book, Session session) => Output.WriteJson(new
    {
        written.Text,
        written.Words,
        book = new { book.Document.Title, book.Document.Path, book.Stage },
        written.Sources,
        written.Looks,
        names = new { used = written.Names, fromBook = written.Names.Where(name => name.InBook).Select(name => name.Name) },
        written.Timings,
        model = session.Model.Weights.Name,
        device = session.Device.Device.ToString(),
    });
}
