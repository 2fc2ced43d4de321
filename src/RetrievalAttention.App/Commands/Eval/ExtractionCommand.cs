using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.Evaluation;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval extraction --root DIR [--password P] [--json]</c>: how well and how fast PDFs are read, beside pdftotext.</summary>
public static class ExtractionCommand
{
    public static Command Create()
    {
        var root = new Option<string>("--root") { Description = "Folder with PDFs; X.pdf is compared with X.txt and X.source.txt beside it.", Required = true };
        var password = new Option<string?>("--password") { Description = "Password for encrypted PDFs in the folder." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object: {files: [{file, wordF1, orderError, pagesPerSecond, reference, …}]}." };
        var command = new Command("extraction", SharedOptions.WithExamples(
            "Word F1, order of reading and pages per second of the PDF reader, with pdftotext beside it where it is installed.",
            "ra eval extraction --root ../shared/data/pdf", "ra eval extraction --root ../shared/data/pdf --json"))
        {
            root, password, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetValue(root)!, parsed.GetValue(password), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string root, string? password, bool json, CancellationToken cancellation)
    {
        ExtractionReport report;
        using (var progress = new ProgressLine()) report = ExtractionEvaluation.Run(root, password, progress, cancellation);
        if (json) Output.WriteJson(report);
        else Print(report);
        return ExitCodes.Success;
    }

    private static void Print(ExtractionReport report)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            ColorSystem = Output.Colours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        if (Console.IsOutputRedirected) console.Profile.Width = 180;
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumns("file", "reference", "pages", "word F1", "prose F1", "text only", "order error", "pages/s", "pdftotext F1", "order error", "pages/s");
        foreach (ExtractionResult file in report.Files)
        {
            table.AddRow(
                [.. new[]
                {
                    file.File, file.Problem ?? file.Reference ?? "none", Number(file.Pages, "0"), Number(file.WordF1, "0.0000"), Number(file.ProseF1, "0.0000"), Number(file.WordF1TextOnly, "0.0000"),
                    Number(file.OrderError, "0.0000"), Number(file.PagesPerSecond, "0"), Number(file.PdftotextWordF1, "0.0000"),
                    Number(file.PdftotextOrderError, "0.0000"), Number(file.PdftotextPagesPerSecond, "0"),
                }.Select(Markup.Escape)]);
        }
        console.Write(table);
        console.WriteLine($"Word F1 counts what was read, running heads and page numbers included; prose F1 its words of two or more letters; \"text only\" what stays in the document. Pages in a second of processor time. {report.Pdftotext ?? "pdftotext is not installed."}");
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
