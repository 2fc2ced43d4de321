namespace RetrievalAttention.Indexing;

/// <summary>One way of ranking: ids, the best first.</summary>
/// <param name="Name">"words", "vectors", "attention".</param>
/// <param name="Weight">Share in the fusion; 0 or more.</param>
public sealed record RankedSignal(string Name, double Weight, IReadOnlyList<long> Ids);

/// <param name="Ranks">Rank in each signal that found it, from 0.</param>
public sealed record FusedMatch(long Id, double Score, IReadOnlyDictionary<string, int> Ranks);

/// <summary>Reciprocal rank fusion (Cormack et al., SIGIR 2009), with weights.</summary>
public static class Fusion
{
    private const double RankOffset = 60;

    /// <summary>
    /// Score of an id: sum over signals of weight / (60 + rank), ranks from 0; a signal that did not find it adds nothing. The highest first, of
    /// equal scores the lower id first.
    /// </summary>
    public static IReadOnlyList<FusedMatch> Fuse(IReadOnlyList<RankedSignal> signals)
    {
        if (signals.Any(signal => signal.Weight < 0 || !double.IsFinite(signal.Weight)))
            throw new ArgumentException("A weight is negative or not finite; 0 or more was expected.", nameof(signals));
        var found = new Dictionary<long, (double Score, Dictionary<string, int> Ranks)>();
        foreach (RankedSignal signal in signals)
        {
            for (int rank = 0; rank < signal.Ids.Count; rank++)
            {
                (double score, Dictionary<string, int> ranks) = found.TryGetValue(signal.Ids[rank], out var known) ? known : (0, []);
                if (!ranks.TryAdd(signal.Name, rank)) continue;
                found[signal.Ids[rank]] = (score + signal.Weight / (RankOffset + rank), ranks);
            }
        }
        return [.. found.Select(pair => new FusedMatch(pair.Key, pair.Value.Score, pair.Value.Ranks)).OrderByDescending(match => match.Score).ThenBy(match => match.Id)];
    }
}
