using RetrievalAttention.Answering.Finding;

namespace RetrievalAttention.Tests.Answering.Finding;

public class SignalFusionTests
{
    private static readonly SignalWeights Equal = new(1, 1, 1);

    [Fact]
    public void ASignalThatSeesOneItemFarAheadOutvotesOneThatSeesAllAlike()
    {
        Signal peaked = Signal.Of(SignalKind.Words, [1, 1, 9, 1]);
        Signal flat = Signal.Of(SignalKind.Vectors, [0.53, 0.52, 0.50, 0.51]);
        Assert.Equal(2, SignalFusion.Fuse([peaked, flat], Equal)[0].Id);
        Assert.Equal(0, SignalFusion.Fuse([peaked, flat], Equal with { Words = 0 })[0].Id);
    }

    [Fact]
    public void EveryItemComesOutOnceWithItsPlaces()
    {
        Random random = new(7);
        double[] words = [.. Enumerable.Range(0, 300).Select(_ => random.Next(3) == 0 ? random.NextDouble() : 0)];
        double[] vectors = [.. words.Select(_ => random.NextDouble())];
        IReadOnlyList<FusedItem> fused = SignalFusion.Fuse([Signal.Of(SignalKind.Words, words, least: 0), Signal.Of(SignalKind.Vectors, vectors)], Equal);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), fused.Select(item => item.Id).Order());
        Assert.Equal(fused.OrderByDescending(item => item.Score).Select(item => item.Score), fused.Select(item => item.Score));
        foreach (FusedItem item in fused)
        {
            Assert.Equal(words[item.Id] > 0, item.Places.ContainsKey(SignalKind.Words));
            Assert.Equal(vectors[item.Id], item.Places[SignalKind.Vectors].Score);
            Assert.All(item.Places.Values, place => Assert.InRange(place.Height, 0, 1));
            Assert.All(item.Places.Values.Where(place => place.Rank >= SignalFusion.Depth), place => Assert.Equal(0, place.Height));
        }
    }

    [Fact]
    public void WhatHasAWordOfTheQueryStandsAboveWhatHasNone()
    {
        Signal words = Signal.Of(SignalKind.Words, [8, 6, 0, 0], least: 0);
        Signal vectors = Signal.Of(SignalKind.Vectors, [0.1, 0.5, 0.6, 0.2]);
        IReadOnlyList<FusedItem> fused = SignalFusion.Fuse([words, vectors], Equal);
        Assert.Equal(1, fused[0].Id);
        Assert.Equal(0.75, fused[0].Places[SignalKind.Words].Height, 6);
    }

    [Fact]
    public void SilentSignalsChangeNothing()
    {
        Signal words = Signal.Of(SignalKind.Words, [0.2, 0.9, 0.5]);
        Signal none = Signal.Of(SignalKind.Vectors, [0, 0, 0], least: 0);
        Assert.Equal([1L, 2, 0], SignalFusion.Fuse([words, none], Equal).Select(item => item.Id));
        Assert.Empty(SignalFusion.Fuse([none], Equal));
        Assert.Equal(1, SignalFusion.Fuse([Signal.Of(SignalKind.Words, [3.0])], Equal).Single().Places[SignalKind.Words].Height);
    }
}
