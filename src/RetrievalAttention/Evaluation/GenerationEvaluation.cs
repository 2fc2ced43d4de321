using RetrievalAttention.Answering;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation;

/// <summary>One answer that the program wrote, judged.</summary>
/// <param name="F1">Best token F1 over the accepted answers.</param>
/// <param name="Cited">The first source overlaps the evidence; null without evidence.</param>
/// <param name="AmongSources">Any source overlaps the evidence; null without evidence.</param>
/// <param name="Foreign">The answer to a question about another document, asked of this one; null for none.</param>
public sealed record GenerationResult(
    string Id, string Question, string Gold, string Written, double F1, double ExactMatch, bool? Cited, bool? AmongSources, AnswerSupport Support, ForeignAnswer? Foreign,
    double FirstTokenMilliseconds, double TokensPerSecond);

/// <summary>What was written for a question that the document cannot answer.</summary>
public sealed record ForeignAnswer(string Question, string Written, AnswerSupport Support);

/// <summary>Asks as a user would, and judges what comes: the answer, its first source, and whether support tells answers that the document holds from those it does not.</summary>
public sealed class GenerationEvaluation(Answerer answerer)
{
    /// <param name="foreign">A question about another document, which this one cannot answer; null for none.</param>
    public GenerationResult Run(DocumentMemory memory, AnswerCase question, string? foreign, CancellationToken cancellation)
    {
        Answer answer = answerer.Ask(memory, question.Question, null, cancellation);
        int shift = memory.Document.SourceOffset ?? 0;
        bool Overlaps(AnswerSource source) => question.Evidence.Any(range => range.Start + shift < source.End && source.Start < range.End + shift);
        bool hasEvidence = question.Evidence.Count > 0;
        return new GenerationResult(
            question.Id, question.Question, question.Answer, answer.Text, AnswerMetrics.F1(answer.Text, [question.Answer]), AnswerMetrics.ExactMatch(answer.Text, [question.Answer]),
            hasEvidence ? answer.Sources.Count > 0 && Overlaps(answer.Sources[0]) : null,
            hasEvidence ? answer.Sources.Any(Overlaps) : null,
            answer.Support,
            foreign is null ? null : Foreign(answerer.Ask(memory, foreign, null, cancellation), foreign),
            answer.Timings.FirstTokenMilliseconds, answer.Timings.TokensPerSecond);
    }

    /// <summary>The first question about another document, from a place on and then from the beginning; null when there is none.</summary>
    public static Question? Foreign(IReadOnlyList<Question> all, int from, string path) =>
        Enumerable.Range(0, all.Count).Select(i => all[(from + i) % all.Count]).FirstOrDefault(one => !path.EndsWith(one.Document, StringComparison.Ordinal));

    private static ForeignAnswer Foreign(Answer answer, string question) => new(question, answer.Text, answer.Support);
}

/// <param name="CitedFirst">Share of questions whose first source overlaps the evidence.</param>
/// <param name="AmongSources">Share of questions with any source that does: the most that citing could reach.</param>
/// <param name="Supported">Share of questions whose answer is called supported.</param>
/// <param name="RightSupported">The same among answers that share a word with the accepted one.</param>
/// <param name="ForeignSupported">The same for foreign questions: none should be.</param>
/// <param name="SupportAuc">Probability that a question's own document gives a higher support than a foreign one; 0.5 is chance.</param>
public sealed record GenerationReport(
    int Questions, double F1, double ExactMatch, double? CitedFirst, double? AmongSources, double Support, double? ForeignSupport, double Supported, double? RightSupported, double? ForeignSupported, double? SupportAuc,
    double MedianFirstTokenMilliseconds, double MedianTokensPerSecond, IReadOnlyList<GenerationResult> Results)
{
    public static GenerationReport Of(IReadOnlyList<GenerationResult> results)
    {
        double[] foreign = [.. results.Select(result => result.Foreign?.Support.Gain).OfType<double>()];
        double[] own = [.. results.Select(result => result.Support.Gain)];
        double wins = own.Sum(mine => foreign.Sum(other => mine > other ? 1 : mine == other ? 0.5 : 0));
        double? Share(Func<GenerationResult, bool?> value)
        {
            bool[] known = [.. results.Select(value).OfType<bool>()];
            return known.Length == 0 ? null : known.Average(is_ => is_ ? 1.0 : 0);
        }
        return new GenerationReport(
            results.Count, results.Average(result => result.F1), results.Average(result => result.ExactMatch), Share(result => result.Cited), Share(result => result.AmongSources),
            own.Average(), foreign.Length == 0 ? null : foreign.Average(),
            results.Average(result => result.Support.IsSupported ? 1.0 : 0), Share(result => result.F1 > 0 ? result.Support.IsSupported : null), Share(result => result.Foreign?.Support.IsSupported),
            foreign.Length == 0 ? null : wins / (own.Length * (double)foreign.Length),
            Median.Of(results.Select(result => result.FirstTokenMilliseconds)), Median.Of(results.Select(result => result.TokensPerSecond)), results);
    }
}
