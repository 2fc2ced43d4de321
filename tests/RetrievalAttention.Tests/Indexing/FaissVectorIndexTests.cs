using RetrievalAttention.Indexing;

namespace RetrievalAttention.Tests.Indexing;

/// <summary>Run where the FAISS library was built; elsewhere each test skips aloud.</summary>
public abstract class FaissConformance(FaissKind kind) : VectorIndexConformance
{
    private FaissOptions Options => new() { Kind = kind };

    protected override IVectorIndex Create(VectorIdentity identity)
    {
        Assert.SkipUnless(FaissVectorIndex.IsAvailable(Options), "libra_faiss.so is not beside the tests; build src/native/faiss-shim first");
        return FaissVectorIndex.Create(identity, Options);
    }

    protected override IVectorIndex Open(string path, VectorIdentity identity) => FaissVectorIndex.Open(path, identity, Options);
}

public sealed class FaissFlatTests() : FaissConformance(FaissKind.Flat);

public sealed class FaissHnswTests() : FaissConformance(FaissKind.Hnsw);

public sealed class FaissIvfTests() : FaissConformance(FaissKind.Ivf)
{
    [Fact]
    public void CellsAreChosenWhenThereAreEnoughVectorsAndFindTheSame()
    {
        using IVectorIndex index = Create(Identity);
        Random random = new(1);
        // Around 200 centres, as passages gather around topics; without any order there would be nothing for cells to use.
        float[][] centres = [.. Enumerable.Range(0, 200).Select(_ => Vector(random, 1))];
        float[][] vectors = [.. Enumerable.Range(0, 12_000).Select(i => (float[])[.. centres[i % 200].Zip(Vector(random, 0.3f), (a, b) => a + b)])];
        index.Add([.. Enumerable.Range(0, vectors.Length).Select(i => (long)i)], vectors);
        int found = Enumerable.Range(0, 200).Count(i => index.Search(vectors[i * 60], 1)[0].Id == i * 60);
        Assert.InRange(found, 198, 200);
        index.Remove([0, 60]);
        Assert.NotEqual(0, index.Search(vectors[0], 1)[0].Id);
    }

    private static float[] Vector(Random random, float scale) => [.. Enumerable.Range(0, 32).Select(_ => (float)(random.NextDouble() - 0.5) * scale)];
}

public class FaissMissingTests
{
    [Fact]
    public void WithoutTheLibraryTheMessageSaysHowToBuildIt()
    {
        var problem = Assert.Throws<ProblemException>(() => FaissVectorIndex.Create(new VectorIdentity("e", 8), new FaissOptions { Library = "/nowhere/libra_faiss.so" }));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.Contains("/nowhere/libra_faiss.so", problem.Message);
        Assert.Contains("libfaiss-dev", problem.Message);
    }

    [Fact]
    public void ASharedLibraryOfSomethingElseIsRefused()
    {
        string path = Path.GetTempFileName();
        var problem = Assert.Throws<ProblemException>(() => FaissVectorIndex.Create(new VectorIdentity("e", 8), new FaissOptions { Library = path }));
        File.Delete(path);
        Assert.Contains(path, problem.Message);
    }
}
