namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>What one measure found of one question by one method within one budget.</summary>
/// <param name="Figures">By the names of the measure's figures; a figure that the question does not have is missing.</param>
public sealed record CellResult(IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>Processor time of choosing, reading the question, and measuring; without what is prepared once a document.</summary>
    public double Seconds { get; init; }

    /// <summary>The part of it after which the first token of an answer is known.</summary>
    public double FirstTokenSeconds { get; init; }

    /// <summary>Rows of the memory that a head attends to, mean over layers and heads, and tokens of quoted text.</summary>
    public double AttendedTokens { get; init; }

    /// <summary>Stored key vectors that were compared in order to choose.</summary>
    public long KeysCompared { get; init; }

    /// <summary>The answer that the model wrote.</summary>
    public string? Written { get; init; }

    /// <summary>The first figure by layer and query head, L lists of H; null where it has no such parts.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? ByHead { get; init; }
}
