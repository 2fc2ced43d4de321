using System.Globalization;
using System.Text;
using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.App.Commands;

/// <summary>Summaries for a person to read.</summary>
internal static class SummaryText
{
    public static string Plain(IReadOnlyList<BookSummary> summaries) => All(summaries, summary => Write(
        summary, $"{summary.Title}\n", part => $"\n{part}\n", (sentence, under) => $"  {sentence.Text.ReplaceLineEndings("\n  ")}\n    [{Place(sentence, under)}]\n"));

    public static string Markdown(IReadOnlyList<BookSummary> summaries) => All(summaries, summary => Write(
        summary, $"# {summary.Title}\n", part => $"\n## {part}\n",
        (sentence, under) => sentence.Kind == SummarySentenceKind.Quoted
            ? $"\n> {sentence.Text.ReplaceLineEndings("  \n> ")}  \n> *{Place(sentence, under)}*\n" : $"\n{sentence.Text}  \n*{Place(sentence, under)}*\n"));

    /// <summary>"1,412 of 1,412 blocks read, 38 of 38 sections, 100 %".</summary>
    public static string Coverage(SummaryCoverage coverage) => string.Create(CultureInfo.InvariantCulture,
        $"{coverage.BlocksRead:N0} of {coverage.Blocks:N0} blocks read, {coverage.SectionsUsed:N0} of {coverage.Sections:N0} sections, {100 * coverage.Share:0.#} %");

    /// <summary>The coverage of several books.</summary>
    public static SummaryCoverage Together(IReadOnlyList<BookSummary> summaries) => new(
        summaries.Sum(summary => summary.Coverage.BlocksRead), summaries.Sum(summary => summary.Coverage.Blocks),
        summaries.Sum(summary => summary.Coverage.SectionsUsed), summaries.Sum(summary => summary.Coverage.Sections));

    private static string All(IReadOnlyList<BookSummary> summaries, Func<BookSummary, string> one)
    {
        string text = string.Join("\n\n\n", summaries.Select(one));
        return summaries.Count == 1 ? text : string.Create(CultureInfo.InvariantCulture,
            $"{text}\n\nAll {summaries.Count} books: {summaries.Sum(summary => summary.Words):N0} of {summaries.Sum(summary => summary.BookWords):N0} words. {Coverage(Together(summaries))}");
    }

    private static string Write(BookSummary summary, string title, Func<string, string> heading, Func<SummarySentence, bool, string> line)
    {
        StringBuilder text = new(title);
        if (summary.Overview.Count > 0) text.Append(heading("Overview"));
        foreach (SummarySentence sentence in summary.Overview) text.Append(line(sentence, false));
        foreach (PartSummary part in summary.Parts.Where(part => part.Sentences.Count > 0))
        {
            if (part.HeadingPath.Count > 0) text.Append(heading(string.Join(" › ", part.HeadingPath)));
            foreach (SummarySentence sentence in part.Sentences) text.Append(line(sentence, part.HeadingPath.Count > 0));
        }
        text.Append('\n');
        foreach (string note in summary.Notes) text.Append(note).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{summary.Words:N0} of {summary.BookWords:N0} words, {Origin(summary)}. ").Append(Coverage(summary.Coverage));
        return text.ToString();
    }

    private static string Origin(BookSummary summary)
    {
        if (summary.Writing is not { } counts) return "every sentence quoted";
        // An overview may keep sentences of its sections.
        SummarySentence[] sentences = [.. summary.Overview.Concat(summary.Sentences).DistinctBy(sentence => sentence.Text)];
        int written = sentences.Count(sentence => sentence.Kind == SummarySentenceKind.Written);
        return $"{written} of {sentences.Length} sentences written (of {counts.Written} tried, {counts.Kept} held at once, {counts.Rewritten} when written again, {counts.Replaced} were replaced by quotations)";
    }

    private static string Place(SummarySentence sentence, bool underHeading)
    {
        string places = string.Join("; ", sentence.Sources.Select(source => $"{(source.Page is null ? "" : $"page {source.Page}, ")}characters {source.Start}–{source.End}"));
        if (!underHeading && sentence.Sources[0].Section.Length > 0) places = $"{sentence.Sources[0].Section}, {places}";
        return sentence.Support is { } support ? string.Create(CultureInfo.InvariantCulture, $"written from {places}, support {support:+0.00;-0.00}") : places;
    }
}
