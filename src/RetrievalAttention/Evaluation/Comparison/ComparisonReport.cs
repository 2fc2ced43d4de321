using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>A figure over all questions that have it.</summary>
/// <param name="Against">This less the method that all are held against, on the same questions; null for that one itself, and without a shared question.</param>
/// <param name="Differs">The interval of the difference leaves 0 out; if not, there is no difference. Null where too few questions tell.</param>
public sealed record FigureMean(int Questions, Interval Mean, Interval? Against, bool? Differs);

/// <summary>One method within one budget over all questions of a kind.</summary>
/// <param name="Budget">0 where the method has none.</param>
/// <param name="Figures">By name; a figure that no question has is missing.</param>
/// <param name="ByDepth">The first figure by thirds of the document in which the evidence begins; null where no question is.</param>
/// <param name="Seconds">Median processor time of a question: choosing, reading it, measuring.</param>
/// <param name="FirstTokenSeconds">The same until the first token of an answer is known.</param>
/// <param name="AttendedTokens">Mean over questions, layers and heads.</param>
/// <param name="AttendedBytes">Keys and values of the memory that answering reads, as float16, a token.</param>
/// <param name="ComparedBytes">Keys that choosing compares, as float16.</param>
public sealed record ComparisonRow(
    string Method, MethodFamily Family, int Budget, int Questions, IReadOnlyDictionary<string, FigureMean> Figures, IReadOnlyList<double?> ByDepth,
    double Seconds, double FirstTokenSeconds, double AttendedTokens, double AttendedBytes, double ComparedBytes);

/// <summary>All methods by one measure on questions of one kind.</summary>
/// <param name="Measure">Its name.</param>
/// <param name="Task">Of synthetic questions; null for questions of a file.</param>
/// <param name="Length">Tokens of the documents that were made; 0 otherwise.</param>
/// <param name="Documents">Titles.</param>
/// <param name="LeftOut">Names of methods that were wanted and are not measured: they take too long for this measure, or do not apply.</param>
/// <param name="ByHead">The first figure of the method that all are held against, at the smallest budget, by layer and head, mean over questions; null where the measure has no such parts.</param>
public sealed record ComparisonTable(
    string Measure, string Title, string? Task, int Length, IReadOnlyList<string> Documents, IReadOnlyList<Figure> Figures, IReadOnlyList<ComparisonRow> Rows, IReadOnlyList<string> LeftOut,
    IReadOnlyList<IReadOnlyList<double>>? ByHead);

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
        string model, KvShape shape, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, IReadOnlyList<ComparisonMeasure> measures, string heldAgainst, IReadOnlyList<ComparisonCell> cells)
    {
        if (cells.Count == 0) throw new ProblemException(ProblemKind.NotFound, "No method applies to any of the questions, so there is nothing to compare.");
        ILookup<string, ComparisonCell> byMeasure = cells.ToLookup(cell => cell.Measure);
        return new ComparisonReport(
            model, heldAgainst, budgets,
            [
                .. measures.SelectMany(measure => byMeasure[measure.Name].GroupBy(cell => cell.Kind).Select(group => new ComparisonTable(
                    measure.Name, measure.Title, group.Key.Task, group.Key.Length, [.. group.Select(cell => cell.Document).Distinct()], measure.Figures,
                    Rows(measure, methods, budgets, heldAgainst, [.. group], shape), [.. methods.Select(method => method.Name).Except(group.Select(cell => cell.Method))], ByHead([.. group.Where(cell => cell.Method == heldAgainst && cell.Budget == budgets[0])])))),
            ],
            // Parts by head are many, and their means are told.
            [.. cells.Select(cell => cell with { Result = cell.Result with { ByHead = null } })]);
    }

    private static IReadOnlyList<ComparisonRow> Rows(
        ComparisonMeasure measure, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, string heldAgainst, IReadOnlyList<ComparisonCell> cells, KvShape shape)
    {
        ILookup<(string, int), ComparisonCell> byRow = cells.ToLookup(cell => (cell.Method, cell.Budget));
        bool otherHasBudget = methods.Single(method => method.Name == heldAgainst).HasBudget;
        List<ComparisonRow> rows = [];
        foreach (ComparisonMethod method in methods)
        {
            foreach (int budget in method.HasBudget ? budgets : [0])
            {
                // A method without a budget is held against the smallest one.
                int beside = !otherHasBudget ? 0 : method.HasBudget ? budget : budgets[0];
                ComparisonCell[] own = [.. byRow[(method.Name, budget)]], other = [.. byRow[(heldAgainst, beside)]];
                if (own.Length > 0) rows.Add(Row(measure, method, budget, own, method.Name == heldAgainst ? [] : other, shape));
            }
        }
        return rows;
    }

    private static ComparisonRow Row(ComparisonMeasure measure, ComparisonMethod method, int budget, ComparisonCell[] own, ComparisonCell[] other, KvShape shape)
    {
        Dictionary<string, FigureMean> figures = [];
        foreach (Figure figure in measure.Figures)
            if (Mean(figure.Name, own, other) is { } mean) figures[figure.Name] = mean;
        double attended = own.Average(cell => cell.Result.AttendedTokens), keyBytes = 2 * shape.HeadSize;
        return new ComparisonRow(
            method.Name, method.Family, budget, own.Length, figures, [.. Enumerable.Range(0, Depths).Select(third => ByDepth(measure.Figures[0].Name, own, third))],
            Median.Of(own.Select(cell => cell.Result.Seconds)), Median.Of(own.Select(cell => cell.Result.FirstTokenSeconds)), attended, attended * 2 * keyBytes * shape.Layers * shape.KvHeads, own.Average(cell => cell.Result.KeysCompared * keyBytes));
    }

    private static FigureMean? Mean(string figure, ComparisonCell[] own, ComparisonCell[] other)
    {
        (string Key, double Value)[] values = Values(figure, own);
        if (values.Length == 0) return null;
        Dictionary<string, double> others = Values(figure, other).ToDictionary(pair => pair.Key, pair => pair.Value);
        (string Key, double Value)[] shared = [.. values.Where(pair => others.ContainsKey(pair.Key))];
        Interval? against = shared.Length == 0 ? null : Bootstrap.Difference([.. shared.Select(pair => pair.Value)], [.. shared.Select(pair => others[pair.Key])], new Random(Seed));
        return new FigureMean(
            values.Length, Bootstrap.Mean([.. values.Select(pair => pair.Value)], new Random(Seed)), against, shared.Length < FewestQuestions ? null : against!.Value.ExcludesZero);
    }

    /// <summary>By document and question: places of two books have the same names.</summary>
    private static (string Key, double Value)[] Values(string figure, ComparisonCell[] cells) =>
        [.. cells.Where(cell => cell.Result.Figures.ContainsKey(figure)).Select(cell => ($"{cell.ContentHash} {cell.Question}", cell.Result.Figures[figure]))];

    private static double? ByDepth(string figure, ComparisonCell[] cells, int third)
    {
        double[] own = [.. cells.Where(cell => cell.Depth is { } depth && Math.Min(Depths - 1, (int)(depth * Depths)) == third).Select(cell => cell.Result.Figures[figure])];
        return own.Length == 0 ? null : own.Average();
    }

    private static IReadOnlyList<IReadOnlyList<double>>? ByHead(ComparisonCell[] cells)
    {
        IReadOnlyList<IReadOnlyList<double>>[] all = [.. cells.Select(cell => cell.Result.ByHead).OfType<IReadOnlyList<IReadOnlyList<double>>>()];
        if (all.Length == 0) return null;
        return [.. all[0].Select((heads, layer) => heads.Select((_, head) => Math.Round(all.Average(one => one[layer][head]), 4)).ToArray())];
    }
}
