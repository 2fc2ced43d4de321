using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>A table of text under a title.</summary>
/// <param name="Note">Below it; empty for none.</param>
internal sealed record TextTable(string Title, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows, string Note = "");

/// <summary>A comparison in words and numbers, for the terminal and for the page.</summary>
internal static class ComparisonText
{
    private const string Nothing = "–";

    /// <summary>Made-up questions: a table a task, of methods by lengths, with a measure's first two figures.</summary>
    public static IEnumerable<TextTable> ByLength(ComparisonReport report) => report.Tables.Where(table => table.Task is not null).GroupBy(table => (table.Measure, table.Task)).Select(task =>
    {
        ComparisonTable[] tables = [.. task.OrderBy(table => table.Length)];
        string figures = string.Join(" · ", tables[0].Figures.Take(2).Select(figure => figure.Title));
        return new TextTable(
            $"{tables[0].Task}: {figures}",
            ["method", "budget", .. tables.Select(table => string.Create(CultureInfo.InvariantCulture, $"{table.Length:N0} tokens"))],
            [
                .. tables.SelectMany(table => table.Rows).Select(row => (row.Method, row.Budget)).Distinct().Select(shown => (string[])
                [
                    shown.Method, Budget(shown.Budget), .. tables.Select(table => Short(table, table.Rows.FirstOrDefault(row => (row.Method, row.Budget) == shown))),
                ]),
            ]);
    });

    /// <summary>Everything that is known of a measure and a kind of questions.</summary>
    public static TextTable InFull(ComparisonReport report, ComparisonTable table)
    {
        bool depth = table.Rows.Any(row => row.ByDepth.Any(value => value is not null));
        return new TextTable(
            Title(table),
            [
                "method", "family", "budget", "questions", .. table.Figures.SelectMany(figure => (string[])[figure.Title, "95 %", $"against {report.HeldAgainst}"]),
                .. depth ? (string[])["early", "middle", "late"] : [], "first token, s", "s", "attended tokens", "attended MB", "compared MB",
            ],
            [
                .. table.Rows.Select(row => (string[])
                [
                    row.Method, row.Family.ToString().ToLowerInvariant(), Budget(row.Budget), row.Questions.ToString(CultureInfo.InvariantCulture),
                    .. table.Figures.SelectMany(figure => Cells(row.Figures.GetValueOrDefault(figure.Name))),
                    .. depth ? row.ByDepth.Select(value => value is { } known ? Number(known, "0.00") : Nothing) : [],
                    Number(row.FirstTokenSeconds, "0.00"), Number(row.Seconds, "0.00"), Number(row.AttendedTokens, "0"), Number(row.AttendedBytes / 1e6, "0.0"), Number(row.ComparedBytes / 1e6, "0.0"),
                ]),
            ],
            table.LeftOut.Count == 0 ? "" : $"Not here, for they take too long for this measure or do not apply: {string.Join(", ", table.LeftOut)}.");
    }

    public static void Write(ComparisonReport report)
    {
        foreach (TextTable table in report.Tables.Where(table => table.Task is null).Select(table => InFull(report, table)).Concat(ByLength(report)))
        {
            Console.Out.WriteLine(table.Title);
            Table shown = new([.. table.Headings]);
            foreach (IReadOnlyList<string> row in table.Rows) shown.Add([.. row]);
            shown.Write();
            if (table.Note.Length > 0) Console.Out.WriteLine(table.Note);
            Console.Out.WriteLine();
        }
    }

    private static string Title(ComparisonTable table) => table.Task is null
        ? $"{Capital(table.Title)}: {table.Documents.Count} documents of a file"
        : string.Create(CultureInfo.InvariantCulture, $"{Capital(table.Title)}: {table.Task}, {table.Length:N0} tokens");

    private static string[] Cells(FigureMean? figure) => figure is null
        ? [Nothing, Nothing, Nothing]
        : [Number(figure.Mean.Mean), $"{Number(figure.Mean.Low)} to {Number(figure.Mean.High)}", Difference(figure)];

    private static string Short(ComparisonTable table, ComparisonRow? row) => row is null
        ? Nothing
        : string.Join(" · ", table.Figures.Take(2).Select(figure => row.Figures.GetValueOrDefault(figure.Name) is { } mean ? Number(mean.Mean.Mean, "0.00") : Nothing));

    private static string Difference(FigureMean figure) => figure.Against switch
    {
        null => Nothing,
        { } interval when figure.Differs is null => $"{Signed(interval.Mean)} (too few questions)",
        { } interval when figure.Differs is false => $"no difference ({Signed(interval.Low)} to {Signed(interval.High)})",
        { } interval => $"{Signed(interval.Mean)} ({Signed(interval.Low)} to {Signed(interval.High)})",
    };

    private static string Budget(int budget) => budget == 0 ? Nothing : budget.ToString(CultureInfo.InvariantCulture);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Signed(double value) => Math.Round(value, 2).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
