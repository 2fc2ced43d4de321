using RetrievalAttention.Embeddings;

namespace RetrievalAttention.Answering.Finding;

/// <summary>How much each signal counts in <see cref="SignalFusion"/>. Only their ratios matter.</summary>
public sealed record SignalWeights(double Words, double Vectors, double Attention)
{
    /// <summary>Tokens a letter up to which an embedder knows a language, and from which it only spells.</summary>
    private const double Known = 0.5, Spelled = 0.8;

    /// <summary>
    /// The weights that make the gold passages of half 0 of the shared questions likeliest (conditional logit; five fairy-tale books, both wordings, and two
    /// novels), as <c>ra eval retrieval --questions FILE --root DIR --half 0 --fit</c> finds them; half 1 is for reporting.
    /// </summary>
    public static SignalWeights Default { get; } = new(4.8, 2.3, 3.1);

    /// <summary>
    /// The weights for a query. Vectors count less the more the embedder has to spell the query out: where it knows words it takes about a quarter of a
    /// token for a letter; a language that it has not learned comes to one token a letter, and its vectors then say nothing (XQuAD-ru: MRR
    /// 0.21 by vectors, 0.82 by words).
    /// </summary>
    public static SignalWeights For(string query, SentenceEmbedder embedder)
    {
        int letters = query.Count(char.IsLetterOrDigit);
        double tokensPerLetter = letters == 0 ? 1 : (double)embedder.CountTokens(query) / letters;
        return Default with { Vectors = Default.Vectors * Math.Clamp((Spelled - tokensPerLetter) / (Spelled - Known), 0, 1) };
    }

    public double Of(SignalKind kind) => kind switch
    {
        SignalKind.Words => Words,
        SignalKind.Vectors => Vectors,
        SignalKind.Attention => Attention,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown signal."),
    };
}
