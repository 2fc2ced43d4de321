using RetrievalAttention.Indexing;

namespace RetrievalAttention.Tests.Indexing;

public sealed class HnswVectorIndexTests : VectorIndexConformance
{
    protected override IVectorIndex Create(VectorIdentity identity) => HnswVectorIndex.Create(identity, new HnswOptions());

    protected override IVectorIndex Open(string path, VectorIdentity identity) => HnswVectorIndex.Open(path, identity, new HnswOptions());

    [Fact]
    public void AFilterThatThrowsThrowsToTheCaller()
    {
        Random random = new(3);
        using IVectorIndex index = Create(Identity);
        index.Add([.. Enumerable.Range(0, 6_000).Select(i => (long)i)], [.. Enumerable.Range(0, 6_000).Select(_ => (float[])[.. Enumerable.Range(0, 32).Select(_ => (float)random.NextDouble() - 0.5f)])]);
        float[] query = index.Find(5)!;
        int calls = 0;
        Assert.Throws<InvalidOperationException>(() => index.Search(query, 3, _ => ++calls > 5_010 ? throw new InvalidOperationException() : true));
        Assert.Equal(5, index.Search(query, 3)[0].Id);
    }

    [Fact]
    public void OptionsOutOfRangeAreNamedAtOnce()
    {
        var problem = Assert.Throws<ProblemException>(() => HnswVectorIndex.Create(Identity, new HnswOptions { Connectivity = 0, ExpansionSearch = 1 }));
        Assert.Contains("Connectivity is 0", problem.Message);
        Assert.Contains("ExpansionSearch is 1", problem.Message);
    }
}
