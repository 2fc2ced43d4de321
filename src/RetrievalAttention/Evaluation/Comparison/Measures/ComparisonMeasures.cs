namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>Every measure, in the order of the report.</summary>
public static class ComparisonMeasures
{
    public const string Default = AnswerMeasure.Name;

    public static IReadOnlyList<ComparisonMeasure> All { get; } = [AnswerMeasure.Measure, GeneratedMeasure.Measure, LanguageMeasure.Measure, MassMeasure.Measure];

    /// <summary>"all", or names with commas between them.</summary>
    /// <exception cref="ProblemException">There is no measure of a name; the message lists them.</exception>
    public static IReadOnlyList<ComparisonMeasure> Parse(string names) => ChosenNames.Parse("--measures", names, All, measure => measure.Name);
}
