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
    public static IReadOnlyList<ComparisonMethod> Parse(string names)
    {
        if (names == "all") return All;
        string[] wanted = [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        string[] unknown = [.. wanted.Except(All.Select(method => method.Name))];
        if (wanted.Length == 0 || unknown.Length > 0)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"--methods is '{names}'{(unknown.Length > 0 ? $", but there is no '{string.Join("', '", unknown)}'" : "")}; expected all, or some of {string.Join(", ", All.Select(method => method.Name))}.");
        }
        return [.. All.Where(method => wanted.Contains(method.Name))];
    }
}
