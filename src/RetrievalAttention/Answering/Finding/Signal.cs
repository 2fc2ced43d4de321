namespace RetrievalAttention.Answering.Finding;

/// <summary>The ways in which passages and blocks are found.</summary>
public enum SignalKind
{
    Words,
    Vectors,
    Attention,
}

/// <param name="Id">Number of a block, or id of a passage.</param>
public readonly record struct Scored(long Id, double Score);

/// <summary>What one signal found.</summary>
/// <param name="Found">Best first.</param>
public sealed record Signal(SignalKind Kind, IReadOnlyList<Scored> Found)
{
    /// <summary>All blocks by their scores; of equal scores the earlier first.</summary>
    /// <param name="least">Scores at or below it say nothing.</param>
    public static Signal Of(SignalKind kind, IReadOnlyList<double> scores, double least = double.NegativeInfinity) => new(
        kind, [.. scores.Select((score, block) => new Scored(block, score)).Where(scored => scored.Score > least).OrderByDescending(scored => scored.Score)]);
}
