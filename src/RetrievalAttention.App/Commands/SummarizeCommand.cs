using System.CommandLine;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Answering.Summaries.Written;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Summarises whole books: by their own sentences, each with its place, or written from them and checked.</summary>
internal static class SummarizeCommand
{
    private enum Form
    {
        Text,
        Markdown,
        Json,
    }

    private sealed record Request(
        IReadOnlyList<string> Books, IReadOnlyList<string> Files, bool All, string? Library, SummaryLength Length, string? Section, bool Written, string? Model, string? Device, string? Gates, Form Form, string? Output);

    public static Command Create()
    {
        Argument<string[]> books = new("books")
        {
            Description = "Books of the library: any unambiguous part of title or path. Of several, one summary of the length of one.", HelpName = "BOOK", Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string[]> from = new("--from") { Description = "A file instead of a book of the library; may be given several times.", HelpName = "FILE" };
        Option<bool> all = new("--library-all") { Description = "Every book of the library." };
        Option<string?> library = SharedOptions.Library();
        Option<SummaryLength> length = SharedOptions.OneOf(new Option<SummaryLength>("--length") { Description = "short, medium or long: about 1, 3 or 8 % of the words. Default: short.", HelpName = "LENGTH" });
        Option<string?> section = new("--section") { Description = "Only this chapter and what is below it: its number (\"Chapter 5\"), its heading or a part of it.", HelpName = "HEADING" };
        Option<bool> written = new("--written")
        {
            Description = "Let the model write each section's summary, and an overview, from the quoted sentences while it attends to the memory; what it cannot support is quoted. Needs a book that was read into memory. Not the default: what the shipped model writes prepares worse for the text than quotations of the same length ('ra eval summary --written').",
        };
        Option<Form> form = SharedOptions.OneOf(new Option<Form>("--as") { Description = "text, markdown or json. Default: text.", HelpName = "FORM" });
        Option<bool> json = SharedOptions.Json();
        Option<string?> output = new("--out") { Description = "Write to this file instead of the console.", HelpName = "FILE" };
        GenerationOptions generation = new();
        Command command = new("summarize", SharedOptions.WithExamples(
            "Summarises a whole book: of every chapter the sentences that best stand for it, word for word, with their places, and how much of the book was compared. "
            + "Can be stopped at any time; the same command goes on from there.",
            "ra summarize \"treasure island\"", "ra summarize --from report.pdf --length medium --as markdown --out summary.md", "ra summarize dracula --section \"Chapter 5\"",
            "ra summarize dracula --written", "ra summarize --library-all"))
        {
            books, from, all, library, length, section, written, form, json, output,
        };
        generation.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetValue(books) ?? [], parsed.GetValue(from) ?? [], parsed.GetValue(all), parsed.GetValue(library), parsed.GetValue(length), parsed.GetValue(section), parsed.GetValue(written),
                    parsed.GetValue(generation.Model), parsed.GetValue(generation.Device), parsed.GetValue(generation.Gates), parsed.GetValue(json) ? Form.Json : parsed.GetValue(form), parsed.GetValue(output)),
                settings => generation.Apply(parsed, settings.Answering), cancellation),
            cancellation));
        return command;
    }

    private static int Run(Request request, Func<AllSettings, AnsweringOptions> options, CancellationToken cancellation)
    {
        if (request.Output is not null) WriteAccess.Require(request.Output);
        AllSettings settings = AllSettings.Load();
        AnsweringOptions answering = options(settings);
        List<BookSummary> summaries = [];
        bool several;
        using (ProgressLine progress = new())
        using (Session? session = request.Written ? Session.Open(settings, request.Model, request.Device, gates: request.Gates) : null)
        {
            IReadOnlyList<BookToRead> books = BookSource.Choose(settings, request.Books, request.Files, request.All, request.Library);
            several = books.Count > 1;
            if (several && request.Section is not null) throw new ProblemException(ProblemKind.Setting, $"--section names a part of one book, but there are {books.Count}. Name one book.");
            IReadOnlyList<SummaryBudget> budgets = BookSource.Budgets(settings, books, request.Length, progress, cancellation);
            for (int i = 0; i < books.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    summaries.Add(Summarize(request, settings, session, answering, books[i], budgets[i], progress, cancellation));
                }
                catch (ProblemException problem) when (several && BookSource.IsLeftOut(problem))
                {
                    Output.Note($"Left out: {problem.Message}");
                }
            }
        }
        if (summaries.Count == 0) throw new ProblemException(ProblemKind.Document, "None of the books could be read; the reasons stand above.");
        Write(request, summaries, several);
        return ExitCodes.Success;
    }

    private static BookSummary Summarize(
        Request request, AllSettings settings, Session? session, AnsweringOptions answering, BookToRead toRead, SummaryBudget budget, ProgressLine progress, CancellationToken cancellation)
    {
        Document document = toRead.Load(progress, cancellation);
        IReadOnlyList<int>? sections = request.Section is null ? null : SectionNames.Find(document, request.Section);
        ReadBook book = BookSource.Read(settings, document, sections, request.Library, progress, cancellation, request.Model, request.Device);
        BookSummary summary = new Summarizer().Summarize(book, request.Length, budget);
        if (session is null) return summary;
        using MemoryFile? memory = session.Memories(request.Library).OpenAsFarAsRead(document, session.Model);
        if (memory is null)
            return summary with { Notes = [.. summary.Notes, $"'{document.Title}' has no attention memory of this model, so it is quoted, not written. Read it first: ra ingest, or ra ask."] };
        using WrittenSections done = WrittenSections.Open(Path.Combine(settings.MemoryFolderOf(request.Library), $"{document.ContentHash}-written.jsonl"));
        try
        {
            return new SummaryWriter(session.Model, answering, done).Write(book, summary, memory, progress, cancellation);
        }
        catch (DamagedBlockException damage)
        {
            throw new ProblemException(ProblemKind.Index, $"{damage.Message} What was written so far is kept. {DamagedBlockException.Advice} Then run the same command again.", damage);
        }
    }

    private static void Write(Request request, IReadOnlyList<BookSummary> summaries, bool several)
    {
        string text = (request.Form, several) switch
        {
            (Form.Json, false) => Output.Json(JsonOf(summaries[0])),
            (Form.Json, true) => Output.Json(new
            {
                request.Length,
                coverage = SummaryText.Together(summaries),
                words = summaries.Sum(summary => summary.Words),
                bookWords = summaries.Sum(summary => summary.BookWords),
                books = summaries.Select(JsonOf),
            }),
            (Form.Markdown, _) => SummaryText.Markdown(summaries),
            _ => SummaryText.Plain(summaries),
        };
        if (request.Output is null) Output.WriteLine(text);
        else File.WriteAllText(request.Output, text + Environment.NewLine);
    }

    private static object JsonOf(BookSummary summary) => new
    {
        summary.Title,
        summary.Length,
        summary.Coverage,
        summary.Words,
        summary.BookWords,
        summary.Notes,
        summary.Overview,
        summary.Sentences,
        summary.Writing,
    };
}
