using RetrievalAttention.Answering;

namespace RetrievalAttention.Evaluation;

/// <summary>Means over the questions of a file.</summary>
/// <param name="Nll">Nats per token of the gold answer.</param>
/// <param name="Accuracy">Share of its tokens that are the model's first choice.</param>
/// <param name="Hit">Share of questions with a gold block among the first k of the first look.</param>
/// <param name="Mrr">Mean of 1/rank of the first such block.</param>
/// <param name="MrrSecondLook">The same over the order after the second look, 0 where it is not among the candidates.</param>
public sealed record AnswerReport(
    int Questions, AnswerConditions<double?> Nll, AnswerConditions<double?> Accuracy, IReadOnlyDictionary<string, double> Hit, double? Mrr, double? MrrSecondLook,
    IReadOnlyList<AnswerResult> Results)
{
    private static readonly int[] Cutoffs = [1, 4, 8, 16];

    public static AnswerReport Of(IReadOnlyList<AnswerResult> results)
    {
        AnswerConditions<double?> Means(Func<AnswerLikelihood, double> value) => new(
            Mean(results, result => result.Likelihood.Closed, value), Mean(results, result => result.Likelihood.GoldText, value),
            Mean(results, result => result.Likelihood.GoldMemory, value), Mean(results, result => result.Likelihood.FoundMemory, value),
            Mean(results, result => result.Likelihood.FoundMemoryQuoted, value), Mean(results, result => result.Likelihood.FoundText, value),
            Mean(results, result => result.Likelihood.HybridText, value));

        AnswerResult[] ranked = [.. results.Where(result => result.GoldRank is not null)];
        return new AnswerReport(
            results.Count, Means(likelihood => likelihood.MeanNll), Means(likelihood => likelihood.Accuracy),
            Cutoffs.ToDictionary(k => k.ToString(), k => ranked.Length == 0 ? 0 : ranked.Average(result => result.GoldRank <= k ? 1.0 : 0)),
            ranked.Length == 0 ? null : ranked.Average(result => 1.0 / result.GoldRank!.Value),
            ranked.Length == 0 ? null : ranked.Average(result => result.SecondLookRank is { } rank ? 1.0 / rank : 0),
            results);
    }

    private static double? Mean(IReadOnlyList<AnswerResult> results, Func<AnswerResult, AnswerLikelihood?> condition, Func<AnswerLikelihood, double> value)
    {
        double[] values = [.. results.Select(condition).OfType<AnswerLikelihood>().Select(value)];
        return values.Length == 0 ? null : values.Average();
    }
}
