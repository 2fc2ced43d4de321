using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation;

/// <param name="Signals">By name: words, vectors, attention, fused, secondLook; attention and the second look over the questions whose documents have memory.</param>
public sealed record RetrievalReport(int Questions, IReadOnlyDictionary<string, RankSummary> Signals, double MillisecondsPerQuery);

/// <summary>Collects rankings and says how good they are, by signal and fused.</summary>
public sealed class RetrievalEvaluation(TimeProvider time)
{
    private const string Fused = "fused", SecondLook = "secondLook";

    private readonly Dictionary<string, List<JudgedRanking<int>>> _rankings = [];
    private readonly List<WeightExample> _examples = [];
    private TimeSpan _spent;

    public int Questions { get; private set; }

    /// <summary>Ranks, and judges the ranking. The first one warms up and is done twice; only the second counts for the time.</summary>
    /// <param name="lookAgain">The second look over the best of a ranking, which it returns in a new order; null where there is no memory. Its time does not count.</param>
    public void Add(Func<BlockRanking> rank, IReadOnlyDictionary<int, int> gains, Func<IReadOnlyList<int>, IReadOnlyList<int>>? lookAgain = null)
    {
        if (Questions == 0) rank();
        long started = time.GetTimestamp();
        BlockRanking ranking = rank();
        _spent += time.GetElapsedTime(started);
        Questions++;
        foreach (Signal signal in ranking.Signals) Add(signal.Kind.ToString().ToLowerInvariant(), [.. signal.Found.Select(found => (int)found.Id)], gains);
        Add(Fused, ranking.Fused, gains);
        if (lookAgain?.Invoke(ranking.Fused) is { } best) Add(SecondLook, [.. best, .. ranking.Fused.Except(best)], gains);
        _examples.Add(WeightExample.Of(ranking.Signals, gains.Where(gain => gain.Value > 0).Select(gain => (long)gain.Key).ToHashSet()));
    }

    /// <exception cref="ProblemException">There was no question.</exception>
    public RetrievalReport Report()
    {
        if (Questions == 0) throw new ProblemException(ProblemKind.NotFound, "No question has evidence and matches the selection.");
        string[] order = [.. Enum.GetNames<SignalKind>().Select(name => name.ToLowerInvariant()).Append(Fused).Append(SecondLook).Where(_rankings.ContainsKey)];
        return new RetrievalReport(Questions, order.ToDictionary(name => name, name => RankSummary.Of(_rankings[name])), _spent.TotalMilliseconds / Questions);
    }

    /// <summary>The weights that make what was judged relevant likeliest.</summary>
    public SignalWeights Fit() => WeightFit.Of(_examples);

    /// <summary>Blocks that hold evidence.</summary>
    public static IReadOnlyDictionary<int, int> GainsOf(DocumentBlocks blocks, IReadOnlyList<TextRange> evidence)
    {
        Dictionary<int, int> gains = [];
        foreach (TextRange range in evidence)
        {
            (int first, int last) = blocks.Overlapping(range);
            for (int block = first; block <= last; block++) gains[block] = 1;
        }
        return gains;
    }

    private void Add(string signal, IReadOnlyList<int> ranked, IReadOnlyDictionary<int, int> gains)
    {
        if (!_rankings.TryGetValue(signal, out List<JudgedRanking<int>>? rankings)) _rankings[signal] = rankings = [];
        rankings.Add(new JudgedRanking<int>(ranked, gains));
    }
}
