using RetrievalAttention.Evaluation.Comparison.Measures;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>Carries a method out on a question once, and takes all measures of that.</summary>
internal static class CellMeasurement
{
    /// <returns>One a measure; null where the method does not apply, or the question has nothing to measure.</returns>
    public static IReadOnlyList<CellResult?> Of(ComparisonMethod method, ComparedQuestion question, int budget, IReadOnlyList<ComparisonMeasure> measures)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (ComparisonMeasure measure in measures) measure.Prepare?.Invoke(question);
        QuestionRead? made = null;
        TimeSpan prepared = question.Document.PreparationTime;
        TimeSpan reading = ProcessorTime.Own(() => made = QuestionRead.By(method, question, budget)) - (question.Document.PreparationTime - prepared);
        using QuestionRead? read = made;
        return [.. measures.Select(measure => read is null ? null : Of(measure, read, reading))];
    }

    private static CellResult? Of(ComparisonMeasure measure, QuestionRead read, TimeSpan reading)
    {
        CellResult? result = null;
        TimeSpan measuring = ProcessorTime.Own(() => result = measure.Of(read));
        return result is null ? null : result with { Seconds = (reading + measuring).TotalSeconds, FirstTokenSeconds = reading.TotalSeconds, AttendedTokens = read.AttendedTokens, KeysCompared = read.Plan.KeysCompared };
    }
}
