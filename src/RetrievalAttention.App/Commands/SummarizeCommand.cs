using System.CommandLine;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;

namespace RetrievalAttention.App.Commands;

/// <summary>Summarises a whole book by its own sentences, each with its place.</summary>
internal static class SummarizeCommand
{
    private enum Form
    {
        Text,
        Markdown,
        Json,
    }

    public static Command Create()
    {
        Argument<string?> book = BookSource.Book();
        Option<string?> from = BookSource.From();
        Option<string?> library = SharedOptions.Library();
        Option<SummaryLength> length = new("--length") { Description = "short, medium or long: about 1, 3 or 8 % of the words. Default: short.", HelpName = "LENGTH" };
        Option<string?> section = new("--section") { Description = "Only this chapter and what is below it: its heading or a part of it.", HelpName = "HEADING" };
        Option<Form> form = new("--as") { Description = "text, markdown or json. Default: text.", HelpName = "FORM" };
        Option<string?> output = new("--out") { Description = "Write to this file instead of the console.", HelpName = "FILE" };
        Command command = new("summarize", SharedOptions.WithExamples(
            "Summarises a whole book: of every chapter the sentences that best stand for it, word for word, with their places, and how much of the book was compared. "
            + "Can be stopped at any time; the same command goes on from there.",
            "ra summarize \"treasure island\"", "ra summarize --from report.pdf --length medium --as markdown --out summary.md", "ra summarize dracula --section \"Chapter 5\""))
        {
            book, from, library, length, section, form, output,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                parsed.GetValue(book), parsed.GetValue(from), parsed.GetValue(library), parsed.GetValue(length), parsed.GetValue(section),
                parsed.GetValue(form), parsed.GetValue(output), cancellation),
            cancellation));
        return command;
    }

    private static int Run(
        string? book, string? from, string? library, SummaryLength length, string? section, Form form, string? output, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        BookSummary summary;
        using (ProgressLine progress = new())
        {
            Document document = BookSource.Load(settings, book, from, library, progress, cancellation);
            IReadOnlyList<int>? sections = section is null ? null : SectionNames.Find(document, section);
            ReadBook read = BookSource.Read(settings, document, sections, library, progress, cancellation);
            summary = new Summarizer().Summarize(read, length);
        }
        string text = form switch
        {
            Form.Json => Output.Json(JsonOf(summary)),
            Form.Markdown => SummaryText.Markdown(summary),
            _ => SummaryText.Plain(summary),
        };
        if (output is null) Console.Out.WriteLine(text);
        else File.WriteAllText(output, text + Environment.NewLine);
        return ExitCodes.Success;
    }

    private static object JsonOf(BookSummary summary) => new
    {
        summary.Title,
        summary.Length,
        summary.Coverage,
        summary.Words,
        summary.BookWords,
        summary.Notes,
        summary.Sentences,
    };
}
