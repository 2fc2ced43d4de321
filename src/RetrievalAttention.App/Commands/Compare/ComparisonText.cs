using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>A comparison in words and numbers, for the terminal and for the page.</summary>
internal static class ComparisonText
{
    public static string[] Headings(ComparisonReport report) =>
    [
        "method", "family", "budget", "questions", "NLL", "95 %", $"against {report.HeldAgainst}", "accuracy", "exact", "NLL early", "middle", "late", "s", "attended tokens", "attended MB", "compared MB",
    ];

    public static string[] Cells(ComparisonRow row) =>
    [
        row.Method, row.Family.ToString().ToLowerInvariant(), row.Budget == 0 ? "–" : row.Budget.ToString(CultureInfo.InvariantCulture), row.Questions.ToString(CultureInfo.InvariantCulture),
        Number(row.Nll.Mean), $"{Number(row.Nll.Low)} to {Number(row.Nll.High)}", Difference(row), Number(row.Accuracy.Mean), Number(row.Exact, "0.00"),
        .. row.NllByDepth.Select(nll => nll is { } value ? Number(value, "0.00") : "–"),
        Number(row.Seconds, "0.00"), Number(row.AttendedTokens, "0"), Number(row.AttendedBytes / 1e6, "0.0"), Number(row.ComparedBytes / 1e6, "0.0"),
    ];

    public static string Title(ComparisonTable table) => table.Task is null
        ? $"Questions of a file, on {table.Documents.Count} documents"
        : string.Create(CultureInfo.InvariantCulture, $"{table.Task}, {table.Length:N0} tokens");

    public static void Write(ComparisonReport report)
    {
        foreach (ComparisonTable table in report.Tables)
        {
            Console.Out.WriteLine(Title(table));
            Table shown = new(Headings(report));
            foreach (ComparisonRow row in table.Rows) shown.Add(Cells(row));
            shown.Write();
            Console.Out.WriteLine();
        }
    }

    private static string Difference(ComparisonRow row) => row.Against switch
    {
        null => "–",
        { } interval when row.Differs is null => $"{Signed(interval.Mean)} (too few questions)",
        { } interval when row.Differs is false => $"no difference ({Signed(interval.Low)} to {Signed(interval.High)})",
        { } interval => $"{Signed(interval.Mean)} ({Signed(interval.Low)} to {Signed(interval.High)})",
    };

    private static string Signed(double value) => value.ToString("+0.00;-0.00", CultureInfo.InvariantCulture);

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
