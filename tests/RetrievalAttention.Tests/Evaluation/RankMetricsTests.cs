using CsCheck;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class RankMetricsTests
{
    private static readonly string[] Ranked = ["a", "b", "c", "d"];

    [Fact]
    public void TheFirstRelevantItemDecidesHitsAndReciprocalRank()
    {
        int? first = RankMetrics.FirstRelevant(Ranked, item => item is "c" or "d");
        Assert.Equal(2, first);
        Assert.Equal(0, RankMetrics.Hit(first, 2));
        Assert.Equal(1, RankMetrics.Hit(first, 3));
        Assert.Equal(1.0 / 3, RankMetrics.ReciprocalRank(first));
        Assert.Equal(1.0 / 3, RankMetrics.ReciprocalRank(first, 3));
        Assert.Equal(0, RankMetrics.ReciprocalRank(first, 2));
    }

    [Fact]
    public void NothingFoundIsZero()
    {
        int? first = RankMetrics.FirstRelevant(Ranked, item => item == "x");
        Assert.Null(first);
        Assert.Equal(0, RankMetrics.Hit(first, 100));
        Assert.Equal(0, RankMetrics.ReciprocalRank(first));
    }

    [Fact]
    public void RecallIsTheShareOfRelevantItemsFound()
    {
        Assert.Equal(1.0 / 3, RankMetrics.Recall(Ranked, new HashSet<string> { "b", "d", "x" }, 3));
        Assert.Equal(2.0 / 3, RankMetrics.Recall(Ranked, new HashSet<string> { "b", "d", "x" }, 100));
        Assert.Throws<ArgumentException>(() => RankMetrics.Recall(Ranked, new HashSet<string>(), 3));
    }

    [Fact]
    public void NdcgOfAWorkedExample()
    {
        // Gains of the list: 3, 2, 3, 0, 1, 2 and no others; worked by hand with linear gains.
        var gains = new Dictionary<int, int> { [1] = 3, [2] = 2, [3] = 3, [4] = 0, [5] = 1, [6] = 2 };
        Assert.Equal(6.861126688 / 7.140995184, RankMetrics.Ndcg([1, 2, 3, 4, 5, 6], gains, 6), 8);
    }

    [Fact]
    public void AnItemListedTwiceCountsOnce()
    {
        var gains = new Dictionary<string, int> { ["a"] = 1, ["b"] = 1 };
        Assert.Equal(RankMetrics.Ndcg(["a", "b"], gains, 10), RankMetrics.Ndcg(["a", "a", "b"], gains, 10));
        Assert.Equal(0.5, RankMetrics.Recall(["a", "a"], new HashSet<string> { "a", "b" }, 10));
    }

    [Fact]
    public void TheBestOrderAndOnlyThatHasNdcgOne() => Gen.Int[0, 3].Array[1, 12].Where(gains => gains.Any(gain => gain > 0)).Sample(gains =>
    {
        Dictionary<int, int> judged = gains.Select((gain, item) => (gain, item)).ToDictionary(pair => pair.item, pair => pair.gain);
        int[] given = [.. judged.Keys];
        int[] best = [.. judged.OrderByDescending(pair => pair.Value).Select(pair => pair.Key)];
        double ndcg = RankMetrics.Ndcg(given, judged, 10);
        bool sorted = given.Take(10).Select(item => judged[item]).SequenceEqual(best.Take(10).Select(item => judged[item]));
        return Math.Abs(RankMetrics.Ndcg(best, judged, 10) - 1) < 1e-12 && ndcg is >= 0 and <= 1 + 1e-12 && (sorted == ndcg > 1 - 1e-12);
    });

    [Fact]
    public void ASummaryIsTheMeanOverQuestions()
    {
        RankSummary summary = RankSummary.Of<string>(
        [
            new(["a", "b"], new Dictionary<string, int> { ["a"] = 1 }),
            new(["a", "b"], new Dictionary<string, int> { ["b"] = 1, ["a"] = 0 }),
            new(["a", "b"], new Dictionary<string, int> { ["x"] = 1 }),
        ]);
        Assert.Equal(3, summary.Questions);
        Assert.Equal([1, 4, 8, 16, 32], summary.Hit.Keys.Order());
        Assert.Equal(1.0 / 3, summary.Hit[1], 12);
        Assert.Equal(2.0 / 3, summary.Hit[4], 12);
        Assert.Equal(0.5, summary.Mrr, 12);
        Assert.Equal(0.5, summary.Mrr10, 12);
        Assert.Equal((1 + (1 / Math.Log2(3))) / 3, summary.Ndcg10, 12);
        Assert.Equal(2.0 / 3, summary.Recall100, 12);
        Assert.Throws<ArgumentException>(() => RankSummary.Of<string>([]));
    }
}
