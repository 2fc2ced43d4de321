namespace RetrievalAttention.Evaluation;

/// <summary>
/// Measures of one ranked list. Ranks count from 0 everywhere; a list that is shorter than k is judged as it is. Measures over many
/// questions are the means of these.
/// </summary>
public static class RankMetrics
{
    /// <summary>Rank of the first item that is relevant, or null when none is.</summary>
    public static int? FirstRelevant<T>(IReadOnlyList<T> ranked, Func<T, bool> isRelevant)
    {
        for (int rank = 0; rank < ranked.Count; rank++)
        {
            if (isRelevant(ranked[rank])) return rank;
        }
        return null;
    }

    /// <summary>1 when a relevant item is among the first k, otherwise 0.</summary>
    public static double Hit(int? firstRelevant, int k) => firstRelevant < k ? 1 : 0;

    /// <summary>1 / (1 + rank) of the first relevant item; 0 when it is not among the first k, or there is none.</summary>
    public static double ReciprocalRank(int? firstRelevant, int k = int.MaxValue) =>
        firstRelevant is { } rank && rank < k ? 1.0 / (rank + 1) : 0;

    /// <summary>Share of the relevant items that are among the first k. An item that is listed twice counts once.</summary>
    /// <exception cref="ArgumentException">Nothing is relevant, so that there is no share.</exception>
    public static double Recall<T>(IReadOnlyList<T> ranked, IReadOnlySet<T> relevant, int k)
    {
        if (relevant.Count == 0) throw new ArgumentException("Recall needs at least one relevant item.", nameof(relevant));
        return (double)ranked.Take(k).Distinct().Count(relevant.Contains) / relevant.Count;
    }

    /// <summary>
    /// Normalised discounted cumulative gain of the first k: Σ gain / log2(rank + 2), over that of the best possible order (Järvelin and
    /// Kekäläinen 2002, with the gain linear as in trec_eval). An item that is listed twice counts at its first place.
    /// </summary>
    /// <param name="gains">Gain of each judged item; items that are not judged have none.</param>
    /// <exception cref="ArgumentException">No gain is above 0, so that there is no best order.</exception>
    public static double Ndcg<T>(IReadOnlyList<T> ranked, IReadOnlyDictionary<T, int> gains, int k)
        where T : notnull
    {
        double best = Discounted(gains.Values.Where(gain => gain > 0).OrderDescending().Take(k));
        if (best == 0) throw new ArgumentException("nDCG needs at least one item with a gain above 0.", nameof(gains));
        return Discounted(ranked.Distinct().Take(k).Select(item => Math.Max(0, gains.GetValueOrDefault(item)))) / best;
    }

    private static double Discounted(IEnumerable<int> gains) => gains.Select((gain, rank) => gain / Math.Log2(rank + 2)).Sum();
}
