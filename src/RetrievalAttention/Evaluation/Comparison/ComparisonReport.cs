using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>One method within one budget over all questions of a kind.</summary>
/// <param name="Budget">0 where the method has none.</param>
/// <param name="Nll">Nats per token of the gold answer; lower is better.</param>
/// <param name="Exact">Share of questions of whose answer every token is the first choice.</param>
/// <param name="Against">NLL of this less NLL of the method that all are held against, on the same questions; null for that one itself.</param>
/// <param name="Differs">The interval of the difference leaves 0 out; if not, there is no difference. Null where too few questions tell.</param>
/// <param name="NllByDepth">By thirds of the document in which the evidence begins; null where no question is.</param>
/// <param name="Seconds">Median processor time of a question.</param>
/// <param name="AttendedTokens">Mean over questions, layers and heads.</param>
/// <param name="AttendedBytes">Keys and values of the memory that answering reads, as float16.</param>
/// <param name="ComparedBytes">Keys that choosing compares, as float16.</param>
public sealed record ComparisonRow(
    string Method, MethodFamily Family, int Budget, int Questions, Interval Nll, Interval Accuracy, double Exact, Interval? Against, bool? Differs,
    IReadOnlyList<double?> NllByDepth, double Seconds, double AttendedTokens, double AttendedBytes, double ComparedBytes);

/// <summary>All methods on questions of one kind.</summary>
/// <param name="Task">Of synthetic questions; null for questions of a file.</param>
/// <param name="Length">Tokens of the documents that were made; 0 otherwise.</param>
/// <param name="Documents">Titles.</param>
public sealed record ComparisonTable(string? Task, int Length, IReadOnlyList<string> Documents, IReadOnlyList<ComparisonRow> Rows);

/// <param name="HeldAgainst">Name of the method that differences are taken to.</param>
/// <param name="Cells">Every measurement.</param>
public sealed record ComparisonReport(string Model, string HeldAgainst, IReadOnlyList<int> Budgets, IReadOnlyList<ComparisonTable> Tables, IReadOnlyList<ComparisonCell> Cells)
{
    private const int Seed = 11;

    /// <summary>Below it the interval of a bootstrap means nothing: of one question it has no width.</summary>
    private const int FewestQuestions = 6;

    private const int Depths = 3;

    /// <param name="shape">Of the model's keys and values, for bytes.</param>
    /// <exception cref="ProblemException">There is no cell.</exception>
    public static ComparisonReport Of(
        string model, KvShape shape, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, string heldAgainst, IReadOnlyList<ComparisonCell> cells)
    {
        if (cells.Count == 0) throw new ProblemException(ProblemKind.NotFound, "No method applies to any of the questions, so there is nothing to compare.");
        return new ComparisonReport(model, heldAgainst, budgets,
            [
                .. cells.GroupBy(cell => cell.Kind).Select(group => new ComparisonTable(
                    group.Key.Task, group.Key.Length, [.. group.Select(cell => cell.Document).Distinct()], Rows(methods, budgets, heldAgainst, [.. group], shape))),
            ], cells);
    }

    private static IReadOnlyList<ComparisonRow> Rows(
        IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, string heldAgainst, IReadOnlyList<ComparisonCell> cells, KvShape shape)
    {
        ILookup<(string, int), ComparisonCell> byRow = cells.ToLookup(cell => (cell.Method, cell.Budget));
        List<ComparisonRow> rows = [];
        foreach (ComparisonMethod method in methods)
        {
            foreach (int budget in method.HasBudget ? budgets : [0])
            {
                // A method without a budget is held against the smallest one.
                ComparisonCell[] own = [.. byRow[(method.Name, budget)]], other = [.. byRow[(heldAgainst, method.HasBudget ? budget : budgets[0])]];
                if (own.Length > 0) rows.Add(Row(method, budget, own, method.Name == heldAgainst ? [] : other, shape));
            }
        }
        return rows;
    }

    private static ComparisonRow Row(ComparisonMethod method, int budget, ComparisonCell[] own, ComparisonCell[] other, KvShape shape)
    {
        Dictionary<string, double> others = other.ToDictionary(cell => cell.Question, cell => cell.Result.Nll);
        ComparisonCell[] shared = [.. own.Where(cell => others.ContainsKey(cell.Question))];
        Interval? against = shared.Length == 0 ? null : Bootstrap.Difference([.. shared.Select(cell => cell.Result.Nll)], [.. shared.Select(cell => others[cell.Question])], new Random(Seed));
        double[] seconds = [.. own.Select(cell => cell.Result.Seconds).Order()];
        double attended = own.Average(cell => cell.Result.AttendedTokens), keyBytes = 2 * shape.HeadSize;
        return new ComparisonRow(
            method.Name, method.Family, budget, own.Length,
            Bootstrap.Mean([.. own.Select(cell => cell.Result.Nll)], new Random(Seed)), Bootstrap.Mean([.. own.Select(cell => cell.Result.Accuracy)], new Random(Seed)),
            own.Average(cell => cell.Result.Exact ? 1.0 : 0), against, shared.Length < FewestQuestions ? null : against!.Value.ExcludesZero,
            [.. Enumerable.Range(0, Depths).Select(third => ByDepth(own, third))],
            seconds[seconds.Length / 2], attended, attended * 2 * keyBytes * shape.Layers * shape.KvHeads, own.Average(cell => cell.Result.KeysCompared * keyBytes));
    }

    private static double? ByDepth(ComparisonCell[] cells, int third)
    {
        double[] own = [.. cells.Where(cell => cell.Depth is { } depth && Math.Min(Depths - 1, (int)(depth * Depths)) == third).Select(cell => cell.Result.Nll)];
        return own.Length == 0 ? null : own.Average();
    }
}
