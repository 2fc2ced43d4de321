namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>What a measure is taken of.</summary>
public enum MeasuredOn
{
    /// <summary>Questions about a document.</summary>
    Questions,

    /// <summary>Places in the last third of a book, whose text goes on (see <see cref="Places.TextPlaces"/>).</summary>
    Places,
}

/// <summary>A number that a measure gives.</summary>
/// <param name="Name">In JSON.</param>
/// <param name="Title">In tables and plots.</param>
public sealed record Figure(string Name, string Title, bool LowerIsBetter = false);

/// <summary>One way to look at what a method does to the model. A method reads a question once; all measures look at that.</summary>
/// <param name="Name">As given to --measures.</param>
/// <param name="Title">Of its tables.</param>
/// <param name="Figures">The first is the headline: it is plotted.</param>
/// <param name="Of">Null where there is nothing to measure.</param>
public sealed record ComparisonMeasure(string Name, string Title, MeasuredOn On, IReadOnlyList<Figure> Figures, Func<QuestionRead, CellResult?> Of)
{
    /// <summary>Part of every cell's fingerprint: raise it when the measure computes something else than before.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What it needs of a question whatever the method, and which is no method's cost; null for nothing.</summary>
    public Action<ComparedQuestion>? Prepare { get; init; }

    /// <summary>Methods that it would take too long to measure.</summary>
    public IReadOnlyList<Dear> LeavesOut { get; init; } = [];

    public bool Suits(ComparisonMethod method) => !LeavesOut.Contains(method.Dear);
}
