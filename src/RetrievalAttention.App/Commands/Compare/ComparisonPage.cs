using System.Net;
using System.Text;
using RetrievalAttention.Evaluation.Comparison;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>A comparison as one HTML file that needs nothing else: tables, plots, and what each method is.</summary>
internal static class ComparisonPage
{
    private const string Style =
        "body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:1500px;padding:0 1em;color:#222}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
        + "td,th{padding:2px 8px;text-align:right;border-bottom:1px solid #ddd;vertical-align:top}td:first-child,th:first-child,td.t{text-align:left}th{position:sticky;top:0;background:#fff}"
        + "tr.own{background:#eef6ff}.same{color:#888}svg{max-width:100%;height:auto}svg image{image-rendering:pixelated}";

    /// <exception cref="ProblemException">The file cannot be written.</exception>
    public static void Write(string path, ComparisonReport report, IReadOnlyList<ComparisonMethod> methods)
    {
        try
        {
            File.WriteAllText(path, Html(report, methods));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The page cannot be written to {path}: {error.Message.TrimEnd('.')}. What was measured is kept; run the command again with another --report.", error);
        }
    }

    private static string Html(ComparisonReport report, IReadOnlyList<ComparisonMethod> methods)
    {
        StringBuilder html = new();
        html.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Long-context attention compared</title><style>").Append(Style).Append("</style>\n<h1>Long-context attention compared</h1>\n<p>");
        html.Append(Text($"Model {report.Model}. Budget: tokens that a layer attends to besides header, question and answer. NLL: nats per token, lower is better. All figures with 95 % bootstrap intervals over questions or places. "
            + $"Differences are paired, to {report.HeldAgainst}; where the interval holds 0 it says no difference. Seconds are processor time of a question (median), without what a method prepares once a document. "
            + "Attended: keys and values that answering reads; compared: keys that choosing reads, both as float16. A method without a budget stands once; gold-text is the control: the evidence itself before the question.")).Append("</p>\n");
        foreach (ComparisonTable table in report.Tables.Where(table => table.Task is null))
        {
            AppendTable(html, report, ComparisonText.InFull(report, table));
            html.Append("<p>").Append(Text(string.Join(", ", table.Documents))).Append("</p>\n");
        }
        foreach (TextTable table in ComparisonText.ByLength(report)) AppendTable(html, report, table);
        foreach (string plot in ComparisonPlots.Of(report)) html.Append("<p>").Append(plot).Append("</p>\n");
        AppendMethods(html, methods);
        return html.Append("</html>\n").ToString();
    }

    private static void AppendTable(StringBuilder html, ComparisonReport report, TextTable table)
    {
        html.Append("<h2>").Append(Text(table.Title)).Append("</h2>\n<table><tr>");
        foreach (string heading in table.Headings) html.Append("<th>").Append(Text(heading)).Append("</th>");
        html.Append("</tr>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            html.Append(row[0] == report.HeldAgainst ? "<tr class=\"own\">" : "<tr>");
            foreach (string cell in row) html.Append(cell.StartsWith("no difference", StringComparison.Ordinal) ? "<td class=\"same\">" : "<td>").Append(Text(cell)).Append("</td>");
            html.Append("</tr>\n");
        }
        html.Append("</table>\n");
        if (table.Note.Length > 0) html.Append("<p>").Append(Text(table.Note)).Append("</p>\n");
    }

    private static void AppendMethods(StringBuilder html, IReadOnlyList<ComparisonMethod> methods)
    {
        html.Append("<h2>Methods</h2>\n<table><tr><th>method</th><th>family</th><th>follows</th><th>parameters</th><th>departs</th></tr>\n");
        foreach (ComparisonMethod method in methods)
        {
            html.Append("<tr>");
            foreach (string cell in (string[])[method.Name, method.Family.ToString().ToLowerInvariant(), method.Paper, method.Parameters, method.Departs])
                html.Append("<td class=\"t\">").Append(Text(cell)).Append("</td>");
            html.Append("</tr>\n");
        }
        html.Append("</table>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
