namespace RetrievalAttention.Answering.Finding;

/// <summary>How much each signal counts in <see cref="SignalFusion"/>. Only their ratios matter.</summary>
public sealed record SignalWeights(double Words, double Vectors, double Attention)
{
    /// <summary>
    /// The weights that make the found passage likeliest (conditional logit over the candidates of one half of the shared questions); printed by
    /// <c>ra eval retrieval --fit</c>, reported on the other half.
    /// </summary>
    public static SignalWeights Default { get; } = new(4.8, 2.5, 2.1);

    public double Of(SignalKind kind) => kind switch
    {
        SignalKind.Words => Words,
        SignalKind.Vectors => Vectors,
        SignalKind.Attention => Attention,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown signal."),
    };
}
