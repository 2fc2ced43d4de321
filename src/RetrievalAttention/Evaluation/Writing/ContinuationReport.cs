namespace RetrievalAttention.Evaluation.Writing;

/// <summary>One sight over all places.</summary>
/// <param name="Nll">Mean over tokens, in nats.</param>
/// <param name="Gain">By how much it is lower than with nothing in sight, place by place, with its 95 % interval.</param>
/// <param name="RareNll">Mean over tokens of rare names; null when there were none.</param>
/// <param name="RareGain">The same for these tokens, over the places that have any: tokens of one place are not independent.</param>
public sealed record SightMeans(Sight Sight, double Nll, Interval Gain, double? RareNll, Interval? RareGain);

/// <summary>Likelihood of continuations by what could be seen.</summary>
/// <param name="RareTokens">Tokens of rare names.</param>
public sealed record ContinuationReport(int Places, int Tokens, int RareTokens, IReadOnlyList<SightMeans> Sights)
{
    private const int Seed = 7;

    public static ContinuationReport Of(IReadOnlyList<PlaceResult> results)
    {
        PlaceResult[] nothing = [.. results.Where(result => result.Sight == Sight.Nothing)];
        return new ContinuationReport(
            nothing.Length, nothing.Sum(result => result.Nll.Count), nothing.Sum(result => result.RareNll.Count),
            [.. Enum.GetValues<Sight>().Select(sight => Means(sight, [.. results.Where(result => result.Sight == sight)], nothing))]);
    }

    private static SightMeans Means(Sight sight, PlaceResult[] own, PlaceResult[] nothing)
    {
        double[] rare = [.. own.SelectMany(result => result.RareNll)];
        return new SightMeans(
            sight, own.SelectMany(result => result.Nll).Average(),
            Gain(nothing, own, result => result.Nll),
            rare.Length == 0 ? null : rare.Average(),
            rare.Length == 0 ? null : Gain(nothing, own, result => result.RareNll));
    }

    /// <summary>Place by place; places without such tokens, which are the same for every sight, do not count.</summary>
    private static Interval Gain(PlaceResult[] nothing, PlaceResult[] own, Func<PlaceResult, IReadOnlyList<double>> tokens)
    {
        double[] ByPlace(PlaceResult[] results) => [.. results.Select(tokens).Where(values => values.Count > 0).Select(values => values.Average())];
        return Bootstrap.Difference(ByPlace(nothing), ByPlace(own), new Random(Seed));
    }
}
