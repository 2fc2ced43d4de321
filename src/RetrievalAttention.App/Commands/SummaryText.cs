using System.Globalization;
using System.Text;
using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.App.Commands;

/// <summary>A summary for a person to read.</summary>
internal static class SummaryText
{
    public static string Plain(BookSummary summary) => Write(
        summary, $"{summary.Title}\n", part => $"\n{part}\n", sentence => $"  {sentence.Text.ReplaceLineEndings("\n  ")}\n    [{Place(sentence)}]\n");

    public static string Markdown(BookSummary summary) => Write(
        summary, $"# {summary.Title}\n", part => $"\n## {part}\n", sentence => $"\n> {sentence.Text.ReplaceLineEndings("  \n> ")}  \n> *{Place(sentence)}*\n");

    /// <summary>"1,412 of 1,412 blocks read, 38 of 38 sections, 100 %".</summary>
    public static string Coverage(SummaryCoverage coverage) => string.Create(CultureInfo.InvariantCulture,
        $"{coverage.BlocksRead:N0} of {coverage.Blocks:N0} blocks read, {coverage.SectionsUsed:N0} of {coverage.Sections:N0} sections, {100 * coverage.Share:0.#} %");

    private static string Write(BookSummary summary, string title, Func<string, string> heading, Func<SummarySentence, string> line)
    {
        StringBuilder text = new(title);
        foreach (PartSummary part in summary.Parts.Where(part => part.Sentences.Count > 0))
        {
            if (part.HeadingPath.Count > 0) text.Append(heading(string.Join(" › ", part.HeadingPath)));
            foreach (SummarySentence sentence in part.Sentences) text.Append(line(sentence));
        }
        text.Append('\n');
        foreach (string note in summary.Notes) text.Append(note).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{summary.Words:N0} of {summary.BookWords:N0} words, every sentence quoted. ").Append(Coverage(summary.Coverage));
        return text.ToString();
    }

    private static string Place(SummarySentence sentence) => string.Join("; ", sentence.Sources.Select(source =>
        $"{(source.Page is null ? "" : $"page {source.Page}, ")}characters {source.Start}–{source.End}"));
}
