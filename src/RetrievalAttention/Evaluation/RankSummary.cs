namespace RetrievalAttention.Evaluation;

/// <summary>Means of the rank measures over questions.</summary>
public sealed record RankSummary
{
    public static readonly IReadOnlyList<int> HitDepths = [1, 4, 8, 16, 32];

    public required int Questions { get; init; }

    /// <summary>Share of questions with a relevant item among the first k, by k.</summary>
    public required IReadOnlyDictionary<int, double> Hit { get; init; }

    /// <summary>Mean reciprocal rank over the whole lists.</summary>
    public required double Mrr { get; init; }

    public required double Mrr10 { get; init; }

    public required double Ndcg10 { get; init; }

    public required double Recall10 { get; init; }

    public required double Recall100 { get; init; }

    /// <exception cref="ArgumentException">There is no list, or one with nothing relevant.</exception>
    public static RankSummary Of<T>(IReadOnlyCollection<JudgedRanking<T>> rankings)
        where T : notnull
    {
        if (rankings.Count == 0) throw new ArgumentException("A summary needs at least one ranking.", nameof(rankings));
        int?[] first = [.. rankings.Select(ranking => ranking.FirstRelevant)];
        return new RankSummary
        {
            Questions = rankings.Count,
            Hit = HitDepths.ToDictionary(k => k, k => first.Average(rank => RankMetrics.Hit(rank, k))),
            Mrr = first.Average(rank => RankMetrics.ReciprocalRank(rank)),
            Mrr10 = first.Average(rank => RankMetrics.ReciprocalRank(rank, 10)),
            Ndcg10 = rankings.Average(ranking => RankMetrics.Ndcg(ranking.Ranked, ranking.Gains, 10)),
            Recall10 = rankings.Average(ranking => RankMetrics.Recall(ranking.Ranked, ranking.Relevant, 10)),
            Recall100 = rankings.Average(ranking => RankMetrics.Recall(ranking.Ranked, ranking.Relevant, 100)),
        };
    }
}

/// <summary>A ranked list and what is known about its items.</summary>
/// <param name="Ranked">Best first.</param>
/// <param name="Gains">Gain of each judged item; above 0 means relevant.</param>
public sealed record JudgedRanking<T>(IReadOnlyList<T> Ranked, IReadOnlyDictionary<T, int> Gains)
    where T : notnull
{
    public IReadOnlySet<T> Relevant { get; } = Gains.Where(judged => judged.Value > 0).Select(judged => judged.Key).ToHashSet();

    public int? FirstRelevant => RankMetrics.FirstRelevant(Ranked, Relevant.Contains);
}
