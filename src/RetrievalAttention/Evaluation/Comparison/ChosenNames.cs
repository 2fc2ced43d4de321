namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>Some of a list, chosen by their names.</summary>
internal static class ChosenNames
{
    /// <param name="names">"all", or names with commas between them.</param>
    /// <param name="option">Where they were given.</param>
    /// <returns>In the order of <paramref name="all"/>.</returns>
    /// <exception cref="ProblemException">There is nothing of a name; the message lists what there is.</exception>
    public static IReadOnlyList<T> Parse<T>(string option, string names, IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        if (names == "all") return all;
        string[] wanted = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] unknown = [.. wanted.Except(all.Select(nameOf))];
        return wanted.Length > 0 && unknown.Length == 0
            ? [.. all.Where(one => wanted.Contains(nameOf(one)))]
            : throw new ProblemException(ProblemKind.Setting,
                $"{option} is '{names}'{(unknown.Length > 0 ? $", but there is no '{string.Join("', '", unknown)}'" : "")}; expected all, or some of {string.Join(", ", all.Select(nameOf))}.");
    }
}
