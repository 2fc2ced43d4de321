namespace RetrievalAttention.Answering.Finding;

/// <summary>How much each signal counts in <see cref="SignalFusion"/>. Only their ratios matter.</summary>
public sealed record SignalWeights(double Words, double Vectors, double Attention)
{
    /// <summary>
    /// The weights that make the gold passages of half 0 of the shared questions likeliest (conditional logit; five fairy-tale books, both wordings, and two
    /// novels), as <c>ra eval retrieval --questions FILE --root DIR --half 0 --fit</c> finds them; half 1 is for reporting.
    /// </summary>
    public static SignalWeights Default { get; } = new(5.1, 2.2, 3.0);

    public double Of(SignalKind kind) => kind switch
    {
        SignalKind.Words => Words,
        SignalKind.Vectors => Vectors,
        SignalKind.Attention => Attention,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown signal."),
    };
}
