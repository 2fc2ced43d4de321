namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>Every measure, in the order of the report.</summary>
public static class ComparisonMeasures
{
    public const string Default = AnswerMeasure.Name;

    public static IReadOnlyList<ComparisonMeasure> All { get; } = [AnswerMeasure.Measure, GeneratedMeasure.Measure, LanguageMeasure.Measure, MassMeasure.Measure];

    /// <summary>"all", or names with commas between them.</summary>
    /// <exception cref="ProblemException">There is no measure of a name; the message lists them.</exception>
    public static IReadOnlyList<ComparisonMeasure> Parse(string names)
    {
        if (names == "all") return All;
        string[] wanted = [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        string[] unknown = [.. wanted.Except(All.Select(measure => measure.Name))];
        return wanted.Length > 0 && unknown.Length == 0
            ? [.. All.Where(measure => wanted.Contains(measure.Name))]
            : throw new ProblemException(ProblemKind.Setting,
                $"--measures is '{names}'{(unknown.Length > 0 ? $", but there is no '{string.Join("', '", unknown)}'" : "")}; expected all, or some of {string.Join(", ", All.Select(measure => measure.Name))}.");
    }
}
