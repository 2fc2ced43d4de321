using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Documents;
using RetrievalAttention.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

public sealed class MemoryGatesTests : IClassFixture<TinyMemories>, IDisposable
{
    private const float Hidden = -1e4f;

    private readonly TinyMemories _tiny;
    private readonly DocumentMemory _memory;

    public MemoryGatesTests(TinyMemories tiny)
    {
        _tiny = tiny;
        _memory = tiny.Open(tiny.NewFolder());
    }

    [Fact]
    public void AtZeroItIsThePlainModel()
    {
        Assert.Equal(Scores(null, [1, 2]), Scores(Gates((_, _) => 0), [1, 2]));
        Assert.Equal(Decoded(null, [1, 2]), Decoded(Gates((_, _) => 0), [1, 2]));
    }

    [Fact]
    public void AdaptersAreForTokensWithAMemoryInSight()
    {
        MemoryGates adapted = Gates((_, _) => 0) with { Adapters = Adapters(0.1f) };
        Assert.NotEqual(Scores(null, [1, 2]), Scores(adapted, [1, 2]));
        Assert.NotEqual(Decoded(null, [1, 2]), Decoded(adapted, [1, 2]));
        Assert.Equal(Scores(null, []), Scores(adapted, []));
        Assert.Equal(Decoded(null, []), Decoded(adapted, []));
        Assert.Equal(Scores(null, [1, 2]), Scores(Gates((_, _) => 0) with { Adapters = Adapters(0) }, [1, 2]));
    }

    [Fact]
    public void AGateChangesWhatTheMemorySays() => Assert.NotEqual(Scores(null, [1, 2]), Scores(Gates((_, _) => 1), [1, 2]));

    [Fact]
    public void FarBelowZeroTheMemoryIsHiddenAndNothingElse()
    {
        MemoryGates closed = Gates((_, _) => Hidden);
        Assert.NotEqual(Scores(null, [1, 2]), Scores(null, [3, 4]));
        AssertNear(Scores(closed, [1, 2]), Scores(closed, [3, 4]));
        AssertNear(Decoded(closed, [1, 2]), Decoded(closed, [3, 4]));
    }

    [Fact]
    public void WhatIsExchangedIsStillTheMemory()
    {
        using var scope = NewDisposeScope();
        using AttentionContext context = _tiny.Model.Header.NewContext(400);
        int start = context.Length;
        MemoryContext.Append(context, _tiny.Model.Decoder, _memory.File, [1, 2]);
        _tiny.Model.Decoder.Forward(tensor(new[] { 5L, 6L }), context);
        Assert.Equal((start, start + 128), context.Remembered);
        MemoryContext.Replace(context, _tiny.Model.Decoder, start, start + 128, 192, () => MemoryContext.Append(context, _tiny.Model.Decoder, _memory.File, [0, 1, 3]));
        Assert.Equal((start, start + 192), context.Remembered);
        Assert.Equal(start + 194, context.Length);
        context.Truncate(start);
        Assert.Equal(context.Remembered.Start, context.Remembered.End);
    }

    [Fact]
    public void WhatIsSavedIsLoadedAndOtherWeightsAreRefused()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "books.gates.json");
        MemoryGates gates = Gates((layer, head) => layer + 0.1f * head) with { Adapters = Adapters(0.5f) };
        gates.Save(path);
        MemoryGates loaded = MemoryGates.Load(path, _tiny.Model.Weights);
        Assert.Equal(gates.Values.SelectMany(layer => layer), loaded.Values.SelectMany(layer => layer));
        Assert.Equal(gates.Documents, loaded.Documents);
        Assert.Equal(gates.Adapters!.Up, loaded.Adapters!.Up);

        (gates with { ModelHash = "other" }).Save(path);
        ProblemException other = Assert.Throws<ProblemException>(() => MemoryGates.Load(path, _tiny.Model.Weights));
        Assert.Equal(ProblemKind.Model, other.Kind);
        Assert.Contains(_tiny.Model.Weights.Hash, other.Message, StringComparison.Ordinal);
        (gates with { Values = [.. gates.Values.Skip(1)] }).Save(path);
        Assert.Equal(ProblemKind.Model, Assert.Throws<ProblemException>(() => MemoryGates.Load(path, _tiny.Model.Weights)).Kind);
        (gates with { Adapters = gates.Adapters with { Rank = 3 } }).Save(path);
        Assert.Equal(ProblemKind.Model, Assert.Throws<ProblemException>(() => MemoryGates.Load(path, _tiny.Model.Weights)).Kind);
        File.WriteAllText(path, "{}");
        Assert.Equal(ProblemKind.Model, Assert.Throws<ProblemException>(() => MemoryGates.Load(path, _tiny.Model.Weights)).Kind);
        Assert.Equal(ProblemKind.Model, Assert.Throws<ProblemException>(() => MemoryGates.Load(path + "x", _tiny.Model.Weights)).Kind);
    }

    [Fact]
    public void NothingIsMeasuredOnWhatWasTrainedOn()
    {
        MemoryGates gates = Gates((_, _) => 0);
        gates.ThrowIfTrainedOn(TinyMemories.DocumentOf("Another text."));
        Assert.Equal(ProblemKind.Setting, Assert.Throws<ProblemException>(() => gates.ThrowIfTrainedOn(_tiny.Document with { Path = "/renamed.txt", Title = "Renamed" })).Kind);
    }

    public void Dispose()
    {
        _tiny.Model.Use(null);
        _memory.Dispose();
    }

    private MemoryGates Gates(Func<int, int, float> gate) => new(
        "tiny", _tiny.Model.Weights.Hash,
        [.. Enumerable.Range(0, TinyModel.Layers).Select(layer => Enumerable.Range(0, TinyModel.Heads).Select(head => gate(layer, head)).ToArray())],
        [new TrainedOn("Tiny", _tiny.Document.ContentHash)]);

    /// <summary>Of rank 2.</summary>
    private static StoredAdapters Adapters(float up)
    {
        using QueryAdapters adapters = new(ones(TinyModel.Layers, 2, TinyModel.Hidden), full([TinyModel.Layers, TinyModel.Heads * TinyModel.HeadSize, 2], up));
        return StoredAdapters.Of(adapters);
    }

    /// <summary>Of the token after three, read at once.</summary>
    private float[] Scores(MemoryGates? gates, int[] blocks) => Run(gates, blocks, context =>
        _tiny.Model.Decoder.Logits(_tiny.Model.Decoder.Forward(tensor(new[] { 260L, 261L, 262L }), context))[-1].data<float>().ToArray());

    /// <summary>Of the same, read one by one.</summary>
    private float[] Decoded(MemoryGates? gates, int[] blocks) => Run(gates, blocks, context =>
        ((int[])[260, 261, 262]).Select(id => _tiny.Model.DecodeNext(id, context, null)).ToArray()[^1]);

    private float[] Run(MemoryGates? gates, int[] blocks, Func<AttentionContext, float[]> read)
    {
        _tiny.Model.Use(gates);
        using var scope = NewDisposeScope();
        using AttentionContext context = _tiny.Model.Header.NewContext(300);
        MemoryContext.Append(context, _tiny.Model.Decoder, _memory.File, blocks);
        return read(context);
    }

    private static void AssertNear(float[] expected, float[] found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-3f * (1 + Math.Abs(pair.First))));
}
