using RetrievalAttention.Indexing;

namespace RetrievalAttention.Tests.Indexing;

/// <summary>What every index promises. One subclass each.</summary>
public abstract class VectorIndexConformance : IDisposable
{
    protected static readonly VectorIdentity Identity = new("embedder-a", 32);

    private readonly string _folder = Directory.CreateTempSubdirectory("ra-vectors-").FullName;

    protected abstract IVectorIndex Create(VectorIdentity identity);

    protected abstract IVectorIndex Open(string path, VectorIdentity identity);

    private string File => Path.Combine(_folder, "test.vectors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatIsAddedIsFound()
    {
        using IVectorIndex index = Filled(500, out float[][] vectors);
        Assert.Equal(500, index.Count);
        for (int i = 0; i < vectors.Length; i++)
        {
            VectorMatch best = index.Search(vectors[i], 3)[0];
            Assert.Equal(IdOf(i), best.Id);
            Assert.Equal(1, best.Score, 2e-3f);
        }
    }

    [Fact]
    public void MatchesAreThoseOfAPlainScan()
    {
        using IVectorIndex index = Filled(2_000, out float[][] vectors);
        Random random = new(7);
        int same = 0;
        for (int q = 0; q < 50; q++)
        {
            float[] query = Vector(random);
            IReadOnlyList<VectorMatch> found = index.Search(query, 10);
            (long Id, double Score)[] expected = [.. PlainScan(vectors, query).Take(10)];
            Assert.Equal(10, found.Count);
            Assert.Equal(found.OrderByDescending(match => match.Score), found);
            Assert.All(found, match => Assert.Equal(Cosine(vectors[RowOf(match.Id)], query), match.Score, 2e-3));
            same += expected.Count(pair => found.Any(match => match.Id == pair.Id));
        }
        Assert.True(same >= 50 * 10 * 0.97, $"{same} of 500 neighbours were found.");
    }

    [Fact]
    public void SeveralMaySaveOneFileAtOnce()
    {
        IVectorIndex[] indexes = [.. Enumerable.Range(0, 4).Select(_ => Filled(200, out float[][] _))];
        Parallel.ForEach(indexes, index =>
        {
            for (int i = 0; i < 10; i++) index.Save(File);
        });
        foreach (IVectorIndex index in indexes) index.Dispose();
        using IVectorIndex saved = Open(File, Identity);
        Assert.Equal(200, saved.Count);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void IdsStayTrueAfterDeletion()
    {
        using IVectorIndex index = Filled(300, out float[][] vectors);
        Assert.Equal(100, index.Remove(Enumerable.Range(0, 100).Select(i => IdOf(3 * i)).Append(-77)));
        Assert.Equal(0, index.Remove([IdOf(0)]));
        AssertHolds(index, vectors, i => i % 3 != 0);
        index.Save(File);
        AssertHolds(index, vectors, i => i % 3 != 0);
        using IVectorIndex opened = Open(File, Identity);
        AssertHolds(opened, vectors, i => i % 3 != 0);
        opened.Remove([IdOf(1)]);
        opened.Add([IdOf(0)], [vectors[0]]);
        AssertHolds(opened, vectors, i => i == 0 || (i % 3 != 0 && i != 1));
    }

    [Fact]
    public void AKnownIdIsReplaced()
    {
        using IVectorIndex index = Filled(50, out float[][] vectors);
        float[] other = Vector(new Random(99));
        index.Add([IdOf(4), IdOf(4)], [vectors[5], other]);
        Assert.Equal(50, index.Count);
        Assert.Equal(IdOf(4), index.Search(other, 1)[0].Id);
        Assert.Equal(1, Cosine(other, index.Find(IdOf(4))!), 1e-3);
        Assert.DoesNotContain(index.Search(vectors[4], 50), match => match.Id == IdOf(4) && match.Score > 0.999f);
    }

    [Fact]
    public void AFilterLeavesOnlyWhatItAllowsAndStillFindsEnough()
    {
        using IVectorIndex index = Filled(3_000, out float[][] vectors);
        float[] query = Vector(new Random(5));
        foreach (int share in new[] { 2, 10, 500 })
        {
            Func<long, bool> filter = id => RowOf(id) % share == 1;
            IReadOnlyList<VectorMatch> found = index.Search(query, 5, filter);
            Assert.Equal(5, found.Count);
            Assert.All(found, match => Assert.True(filter(match.Id)));
            Assert.Equal(PlainScan(vectors, query).First(pair => filter(pair.Id)).Id, found[0].Id);
        }
        Assert.Empty(index.Search(query, 5, _ => false));
    }

    [Fact]
    public void WhatIsSavedIsLoadedAndGoesOnGrowing()
    {
        float[][] vectors;
        using (IVectorIndex index = Filled(1_500, out vectors)) index.Save(File);
        using IVectorIndex opened = Open(File, Identity);
        AssertHolds(opened, vectors, _ => true);
        float[] added = Vector(new Random(11));
        opened.Add([long.MaxValue], [added]);
        Assert.Equal(long.MaxValue, opened.Search(added, 1)[0].Id);
        opened.Save(File);
        using IVectorIndex again = Open(File, Identity);
        Assert.Equal(1_501, again.Count);
        Assert.Equal(long.MaxValue, again.Search(added, 1)[0].Id);
    }

    [Fact]
    public void AnEmptyIndexIsSavedAndSearched()
    {
        using IVectorIndex index = Create(Identity);
        Assert.Empty(index.Search(Vector(new Random(1)), 5));
        index.Save(File);
        using IVectorIndex opened = Open(File, Identity);
        Assert.Equal(0, opened.Count);
        Assert.Empty(opened.Search(Vector(new Random(1)), 5));
        opened.Add([1], [Vector(new Random(2))]);
        Assert.Single(opened.Search(Vector(new Random(1)), 5));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void AVectorWithoutNumbersIsRefusedAndNothingIsAdded(float number)
    {
        using IVectorIndex index = Create(Identity);
        float[] bad = Vector(new Random(1));
        bad[7] = number;
        Assert.Equal(ProblemKind.Index, Assert.Throws<ProblemException>(() => index.Add([1, 2], [Vector(new Random(2)), bad])).Kind);
        Assert.Equal(ProblemKind.Index, Assert.Throws<ProblemException>(() => index.Search(bad, 3)).Kind);
        Assert.Throws<ProblemException>(() => index.Add([1], [new float[31]]));
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void AZeroVectorIsKeptAndHarmsNothing()
    {
        using IVectorIndex index = Filled(20, out float[][] vectors);
        index.Add([12345], [new float[32]]);
        Assert.Equal(IdOf(3), index.Search(vectors[3], 1)[0].Id);
        Assert.All(index.Search(new float[32], 30), match => Assert.True(float.IsFinite(match.Score)));
    }

    [Fact]
    public void AnotherEmbeddersFileIsRefusedWithTheCommandThatRebuildsIt()
    {
        using (IVectorIndex index = Filled(10, out _)) index.Save(File);
        foreach (VectorIdentity other in new[] { new VectorIdentity("embedder-b", 32), new VectorIdentity("embedder-a", 64) })
        {
            var problem = Assert.Throws<ProblemException>(() => Open(File, other).Dispose());
            Assert.Equal(ProblemKind.Index, problem.Kind);
            Assert.Contains(File, problem.Message);
            Assert.Contains("ra ingest", problem.Message);
        }
    }

    [Fact]
    public void EveryDamagedByteIsNoticed()
    {
        using (IVectorIndex index = Filled(20, out _)) index.Save(File);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        int examined = 0;
        for (int at = 0; at < whole.Length; at += at < 1024 ? 40 : 97)
        {
            if (at is > 250 and < 1024) continue; // blanks after the header
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x55;
            AssertRefused(damaged);
            examined++;
        }
        foreach (int length in new[] { 0, 10, 1023, 1024, whole.Length - 1 }) AssertRefused(whole[..length]);
        Assert.True(examined > 20, $"{examined} bytes");
    }

    [Fact]
    public void AFailedSaveLeavesTheOldFile()
    {
        using IVectorIndex index = Filled(10, out _);
        index.Save(File);
        byte[] before = System.IO.File.ReadAllBytes(File);
        // The name of the unfinished file is longer, and no file system takes it.
        string longest = Path.Combine(_folder, new string('x', 250));
        System.IO.File.Copy(File, longest);
        index.Add([1], [Vector(new Random(3))]);
        Assert.Equal(ProblemKind.Environment, Assert.Throws<ProblemException>(() => index.Save(longest)).Kind);
        Assert.Equal(before, System.IO.File.ReadAllBytes(longest));
    }

    [Fact]
    public async Task SearchesRunBesideChanges()
    {
        using IVectorIndex index = Filled(500, out float[][] vectors);
        Task[] searches = [.. Enumerable.Range(0, 6).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 200; i++) Assert.NotEmpty(index.Search(vectors[(thread * 31 + i) % 400], 3));
        }))];
        for (int i = 400; i < 500; i++)
        {
            index.Remove([IdOf(i)]);
            index.Add([IdOf(i)], [vectors[i]]);
        }
        await Task.WhenAll(searches);
        AssertHolds(index, vectors, _ => true);
    }

    private void AssertRefused(byte[] content)
    {
        System.IO.File.WriteAllBytes(File, content);
        var problem = Assert.Throws<ProblemException>(() => Open(File, Identity).Dispose());
        Assert.Equal(ProblemKind.Index, problem.Kind);
        Assert.Contains(File, problem.Message);
    }

    private static void AssertHolds(IVectorIndex index, float[][] vectors, Func<int, bool> isThere)
    {
        int[] expected = [.. Enumerable.Range(0, vectors.Length).Where(isThere)];
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, index.Count);
        Assert.Equal(expected.Select(IdOf).Order(), index.Ids.Order());
        for (int i = 0; i < vectors.Length; i++)
        {
            VectorMatch best = index.Search(vectors[i], 1)[0];
            Assert.Equal(isThere(i), best.Id == IdOf(i));
            Assert.Equal(isThere(i), index.Find(IdOf(i)) is not null);
        }
    }

    private IVectorIndex Filled(int count, out float[][] vectors)
    {
        Random random = new(42);
        vectors = [.. Enumerable.Range(0, count).Select(_ => Vector(random))];
        IVectorIndex index = Create(Identity);
        int half = count / 2;
        index.Add([.. Enumerable.Range(0, half).Select(IdOf)], vectors[..half]);
        index.Add([.. Enumerable.Range(half, count - half).Select(IdOf)], vectors[half..]);
        return index;
    }

    private static long IdOf(int row) => 10_000_000_000 + 17L * row;

    private static int RowOf(long id) => (int)((id - 10_000_000_000) / 17);

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, 32).Select(_ => (float)(random.NextDouble() - 0.5) * 10)];

    private static IEnumerable<(long Id, double Score)> PlainScan(float[][] vectors, float[] query) =>
        vectors.Select((vector, i) => (IdOf(i), Cosine(vector, query))).OrderByDescending(pair => pair.Item2);

    private static double Cosine(float[] a, float[] b)
    {
        (double dot, double aa, double bb) = (0, 0, 0);
        for (int i = 0; i < a.Length; i++) (dot, aa, bb) = (dot + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        return dot / Math.Sqrt(aa * bb);
    }
}
