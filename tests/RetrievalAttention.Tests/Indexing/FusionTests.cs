using RetrievalAttention.Indexing;

namespace RetrievalAttention.Tests.Indexing;

public class FusionTests
{
    [Fact]
    public void ScoresAreWeightedReciprocalRanks()
    {
        IReadOnlyList<FusedMatch> fused = Fusion.Fuse([new RankedSignal("words", 1, [10, 20]), new RankedSignal("vectors", 0.5, [20, 30])]);
        Assert.Equal([20, 10, 30], fused.Select(match => match.Id));
        Assert.Equal(1.0 / 61 + 0.5 / 60, fused[0].Score, 12);
        Assert.Equal(new Dictionary<string, int> { ["words"] = 1, ["vectors"] = 0 }, fused[0].Ranks);
    }

    [Fact]
    public void OneSignalKeepsItsOrderAndARepeatedIdCountsOnce() =>
        Assert.Equal([3, 1, 2], Fusion.Fuse([new RankedSignal("words", 1, [3, 1, 3, 2])]).Select(match => match.Id));

    [Fact]
    public void EqualScoresAreOrderedById() =>
        Assert.Equal([1, 9], Fusion.Fuse([new RankedSignal("a", 1, [9]), new RankedSignal("b", 1, [1])]).Select(match => match.Id));

    [Fact]
    public void NoSignalsGiveNothing() => Assert.Empty(Fusion.Fuse([]));

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void AWeightThatIsNoneIsRefused(double weight) => Assert.Throws<ArgumentException>(() => Fusion.Fuse([new RankedSignal("a", weight, [1])]));
}
