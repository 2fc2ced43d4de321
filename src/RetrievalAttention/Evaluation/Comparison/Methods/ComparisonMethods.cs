namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Every method, in the order of the report.</summary>
public static class ComparisonMethods
{
    /// <summary>The way that <c>ra ask</c> goes.</summary>
    public const string OfThisProject = RetrievalMethods.OfThisProject;

    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        .. ReferenceMethods.All, .. RecurrenceMethods.All, .. AlgebraMethods.All, .. PatternMethods.All, .. DroppedMethods.All, .. RetrievalMethods.All,
    ];

    /// <summary>"all", or names with commas between them.</summary>
    /// <exception cref="ProblemException">There is no method of a name; the message lists them.</exception>
    public static IReadOnlyList<ComparisonMethod> Parse(string names) => ChosenNames.Parse("--methods", names, All, method => method.Name);
}
