using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Writing;

namespace RetrievalAttention.Training.Gates;

/// <summary>What gates change on some tokens of books that they were not trained on.</summary>
/// <param name="Places">That have such tokens.</param>
/// <param name="Plain">Mean NLL of the plain model, nats a token.</param>
/// <param name="Gated">Mean NLL with gates.</param>
/// <param name="Gain">By how much it is lower with gates, place by place, with its 95 % interval.</param>
public sealed record GateGain(int Places, int Tokens, double Plain, double Gated, Interval Gain)
{
    private const int Seed = 7;

    /// <param name="plain">Without gates.</param>
    /// <param name="gated">With gates, at the same places in the same order.</param>
    /// <param name="tokens">Which of a place's tokens count.</param>
    /// <returns>Null when there are none.</returns>
    public static GateGain? Of(IReadOnlyList<PlaceResult> plain, IReadOnlyList<PlaceResult> gated, Func<PlaceResult, IReadOnlyList<double>> tokens)
    {
        (IReadOnlyList<double> Plain, IReadOnlyList<double> Gated)[] pairs = [.. plain.Zip(gated, (a, b) => (tokens(a), tokens(b))).Where(pair => pair.Item1.Count > 0)];
        return pairs.Length == 0 ? null : new GateGain(
            pairs.Length, pairs.Sum(pair => pair.Plain.Count), pairs.SelectMany(pair => pair.Plain).Average(), pairs.SelectMany(pair => pair.Gated).Average(),
            Bootstrap.Difference([.. pairs.Select(pair => pair.Plain.Average())], [.. pairs.Select(pair => pair.Gated.Average())], new Random(Seed)));
    }
}
