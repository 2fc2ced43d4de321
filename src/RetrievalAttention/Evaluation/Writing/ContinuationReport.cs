namespace RetrievalAttention.Evaluation.Writing;

/// <summary>One sight over all places.</summary>
/// <param name="Nll">Mean over tokens, in nats.</param>
/// <param name="Gain">By how much it is lower than with nothing in sight, place by place, with its 95 % interval.</param>
/// <param name="RareNll">Mean over tokens of rare names; null when there were none.</param>
/// <param name="RareGain">The same for these tokens.</param>
public sealed record SightMeans(Sight Sight, double Nll, Interval Gain, double? RareNll, Interval? RareGain);

/// <summary>Likelihood of continuations by what could be seen.</summary>
/// <param name="RareTokens">Tokens of rare names.</param>
public sealed record ContinuationReport(int Places, int Tokens, int RareTokens, IReadOnlyList<SightMeans> Sights)
{
    private const int Seed = 7;

    public static ContinuationReport Of(IReadOnlyList<PlaceResult> results)
    {
        PlaceResult[] nothing = [.. results.Where(result => result.Sight == Sight.Nothing)];
        double[] rareNothing = [.. nothing.SelectMany(result => result.RareNll)];
        return new ContinuationReport(
            nothing.Length, nothing.Sum(result => result.Nll.Count), rareNothing.Length,
            [.. Enum.GetValues<Sight>().Select(sight => Means(sight, [.. results.Where(result => result.Sight == sight)], nothing, rareNothing))]);
    }

    private static SightMeans Means(Sight sight, PlaceResult[] own, PlaceResult[] nothing, double[] rareNothing)
    {
        double[] rare = [.. own.SelectMany(result => result.RareNll)];
        return new SightMeans(
            sight, own.SelectMany(result => result.Nll).Average(),
            Bootstrap.Difference([.. nothing.Select(result => result.Nll.Average())], [.. own.Select(result => result.Nll.Average())], new Random(Seed)),
            rare.Length == 0 ? null : rare.Average(),
            rare.Length == 0 ? null : Bootstrap.Difference(rareNothing, rare, new Random(Seed)));
    }
}
