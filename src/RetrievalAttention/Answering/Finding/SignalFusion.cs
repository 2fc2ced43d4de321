namespace RetrievalAttention.Answering.Finding;

/// <param name="Rank">From 0.</param>
/// <param name="Height">1 for the best of the signal, 0 for its hundredth or, by words, for what has none; in between as the scores lie.</param>
public readonly record struct SignalPlace(int Rank, double Score, double Height);

/// <param name="Places">Where each signal that found it put it.</param>
public sealed record FusedItem(long Id, double Score, IReadOnlyDictionary<SignalKind, SignalPlace> Places);

/// <summary>
/// Puts signals together: the score of an item is Σ weight · height, where the height of an item in a signal is (score − hundredth best) /
/// (best − hundredth best), 0 below. Heights keep what ranks lose: a signal that sees one item far ahead says so, and one that
/// sees a hundred alike cannot outvote it (min-max CombSUM, Fox and Shaw 1994).
/// </summary>
public static class SignalFusion
{
    /// <summary>Items of a signal that take part.</summary>
    public const int Depth = 100;

    /// <summary>Best first; items without a height in any signal follow in the order of the first signal that has them.</summary>
    public static IReadOnlyList<FusedItem> Fuse(IReadOnlyList<Signal> signals, SignalWeights weights)
    {
        var places = new Dictionary<long, Dictionary<SignalKind, SignalPlace>>();
        var order = new List<long>();
        int items = signals.SelectMany(signal => signal.Found).Select(found => found.Id).Distinct().Count();
        foreach (Signal signal in signals)
        {
            double best = signal.Found.Count == 0 ? 0 : signal.Found[0].Score;
            double least = Least(signal, items);
            for (int rank = 0; rank < signal.Found.Count; rank++)
            {
                (long id, double score) = signal.Found[rank];
                if (!places.TryGetValue(id, out Dictionary<SignalKind, SignalPlace>? known))
                {
                    places[id] = known = [];
                    order.Add(id);
                }
                // With one item there is no spread: it is the best.
                double height = best > least ? Math.Max(0, (score - least) / (best - least)) : rank == 0 ? 1 : 0;
                known[signal.Kind] = new SignalPlace(rank, score, height);
            }
        }
        return [.. order.Select(id => new FusedItem(id, places[id].Sum(place => weights.Of(place.Key) * place.Value.Height), places[id])).OrderByDescending(item => item.Score)];
    }

    /// <summary>The score that has no height. Where fewer than a hundred of the items have a word of the query, all of them stand above the others, whose score is 0.</summary>
    private static double Least(Signal signal, int items) => signal switch
    {
        { Found.Count: >= Depth } => signal.Found[Depth - 1].Score,
        { Found.Count: 0 } => 0,
        { Kind: SignalKind.Words } when signal.Found.Count < items => 0,
        _ => signal.Found[^1].Score,
    };
}
