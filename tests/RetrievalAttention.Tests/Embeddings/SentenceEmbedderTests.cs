using System.Text.Json;
using Microsoft.Extensions.AI;
using RetrievalAttention.Embeddings;
using TorchSharp;

namespace RetrievalAttention.Tests.Embeddings;

[Collection(Shipped.OneAtATime)]
public sealed class SentenceEmbedderTests : IDisposable
{
    private readonly SentenceEmbedder _embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _embedder.Dispose();

    /// <summary>sentence-transformers with the same float16 weights and float32 arithmetic.</summary>
    private static readonly Reference[] References =
        [.. JsonDocument.Parse(File.ReadAllBytes(Shipped.Fixture("Embeddings", "minilm.json"))).RootElement.GetProperty("texts").Deserialize<Reference[]>(JsonSerializerOptions.Web)!];

    [Fact]
    public void IdsAreThoseOfTheReference()
    {
        WordPieces words = WordPieces.Open(Shipped.EmbedderPath, EncoderSettings.Read(Shipped.EmbedderPath));
        Assert.True(References.Length >= 9);
        Assert.All(References, reference => Assert.Equal(reference.Ids, words.Encode(reference.Text)));
    }

    [Fact]
    public void EmbeddingsAreThoseOfTheReferenceAloneAndTogether()
    {
        IReadOnlyList<float[]> together = _embedder.Embed([.. References.Select(reference => reference.Text)], EmbeddingPurpose.Passage, cancellation: Token);
        for (int i = 0; i < References.Length; i++)
        {
            float[] alone = _embedder.Embed([References[i].Text], EmbeddingPurpose.Passage, cancellation: Token)[0];
            AssertClose(References[i].Embedding, alone, 1e-5f);
            AssertClose(References[i].Embedding, together[i], 1e-5f);
        }
        Assert.True(References.Length >= 9);
    }

    [Fact]
    public async Task ItIsAnEmbeddingGenerator()
    {
        IEmbeddingGenerator<string, Embedding<float>> generator = _embedder;
        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync([References[0].Text], cancellationToken: Token);
        AssertClose(References[0].Embedding, found[0].Vector.ToArray(), 1e-5f);
        Assert.Equal(384, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        await Assert.ThrowsAsync<ProblemException>(() => generator.GenerateAsync(["x"], new EmbeddingGenerationOptions { Dimensions = 100 }, Token));
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        _embedder.Embed(["first"], EmbeddingPurpose.Passage, cancellation: Token);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 20; i++) _embedder.Embed([$"text {i}", "and a longer one, so that something is padded"], EmbeddingPurpose.Passage, cancellation: Token);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void OpeningAndClosingLeavesNoTensorBehind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions()).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void AKnownTextIsNotEmbeddedAgain()
    {
        var cache = new DictionaryCache();
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions(), cache);
        var reports = new List<WorkProgress>();
        float[] first = embedder.Embed(["same", "other", "same"], EmbeddingPurpose.Passage, new Collect(reports), Token)[2];
        Assert.Equal(2, cache.Known.Count);
        IReadOnlyList<float[]> again = embedder.Embed(["new", "same"], EmbeddingPurpose.Passage, new Collect(reports), Token);
        Assert.Same(first, again[1]);
        Assert.Equal(3, cache.Known.Count);
        Assert.Equal(1, reports[^1].AlreadyDone);
    }

    [Fact]
    public void WhatWasEmbeddedBeforeACancellationIsKept()
    {
        var cache = new DictionaryCache();
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions { BatchTokens = 256 }, cache);
        using var stop = new CancellationTokenSource();
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"text number {i} of two hundred")];
        Assert.Throws<OperationCanceledException>(() => embedder.Embed(texts, EmbeddingPurpose.Passage, new Act(stop.Cancel), stop.Token));
        Assert.InRange(cache.Known.Count, 1, 199);
    }

    [Fact]
    public void PrefixesOfTheModelAndOfTheOptionsAreUsed()
    {
        using var folder = new EncoderFolder();
        folder.Write("config_sentence_transformers.json", """{"prompts": {"query": "query: ", "document": "passage: "}}""");
        using SentenceEmbedder declared = SentenceEmbedder.Open(folder.Path, torch.CPU, new EmbedderOptions());
        using SentenceEmbedder overridden = SentenceEmbedder.Open(folder.Path, torch.CPU, new EmbedderOptions { QueryPrefix = "" });
        AssertClose(_embedder.Embed(["query: whale"], EmbeddingPurpose.Passage, cancellation: Token)[0], declared.Embed(["whale"], EmbeddingPurpose.Query, cancellation: Token)[0], 1e-6f);
        AssertClose(_embedder.Embed(["passage: whale"], EmbeddingPurpose.Passage, cancellation: Token)[0], declared.Embed(["whale"], EmbeddingPurpose.Passage, cancellation: Token)[0], 1e-6f);
        AssertClose(_embedder.Embed(["whale"], EmbeddingPurpose.Passage, cancellation: Token)[0], overridden.Embed(["whale"], EmbeddingPurpose.Query, cancellation: Token)[0], 1e-6f);
        Assert.Equal(3, new HashSet<string>([_embedder.Hash, declared.Hash, overridden.Hash]).Count);
    }

    [Fact]
    public void TheFirstTokenIsPooledWhereTheModelSaysSo()
    {
        using var folder = new EncoderFolder();
        folder.Write("1_Pooling/config.json", """{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""");
        using SentenceEmbedder first = SentenceEmbedder.Open(folder.Path, torch.CPU, new EmbedderOptions());
        float[] vector = first.Embed(["whale"], EmbeddingPurpose.Passage, cancellation: Token)[0];
        Assert.NotEqual(_embedder.Embed(["whale"], EmbeddingPurpose.Passage, cancellation: Token)[0], vector);
        Assert.Equal(1, vector.Sum(x => x * x), 4);
    }

    [Theory]
    [InlineData("config.json", """{"model_type": "mpnet"}""", "mpnet")]
    [InlineData("config.json", "not json", "no JSON")]
    [InlineData("modules.json", """[{"type": "sentence_transformers.models.Dense"}]""", "Dense")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_max_tokens": true}""", "pooling")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n", "[CLS]")]
    [InlineData("model.safetensors", "short", "truncated")]
    public void AFaultyFolderIsRefusedByName(string file, string content, string named)
    {
        using var folder = new EncoderFolder();
        folder.Write(file, content);
        var problem = Assert.Throws<ProblemException>(() => SentenceEmbedder.Open(folder.Path, torch.CPU, new EmbedderOptions()));
        Assert.Equal(ProblemKind.Model, problem.Kind);
        Assert.Contains(named, problem.Message);
        Assert.Contains(Path.GetFileName(file), problem.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("😀😀😀")]
    [InlineData("\u0000\ud800")]
    public void OddTextsHaveFiniteEmbeddings(string text) =>
        Assert.All(_embedder.Embed([text], EmbeddingPurpose.Query, cancellation: Token)[0], number => Assert.True(float.IsFinite(number)));

    [Fact]
    public void AHundredThousandCharactersAreCutToTheMaximum()
    {
        string text = string.Concat(Enumerable.Repeat("word ", 20_000));
        AssertClose(_embedder.Embed([text[..5_000]], EmbeddingPurpose.Query, cancellation: Token)[0], _embedder.Embed([text], EmbeddingPurpose.Query, cancellation: Token)[0], 1e-6f);
    }

    [Fact]
    public void BatchesHoldEveryTextOnceAndStayWithinTheirTokens()
    {
        EncodedText[] texts = [.. Enumerable.Range(1, 300).Select(i => new EncodedText($"{i}", new int[i % 97 + 1]))];
        EncodedText[][] batches = [.. EmbeddingBatches.Of(texts, 256)];
        Assert.Equal(300, batches.Sum(batch => batch.Length));
        Assert.Equal(300, batches.SelectMany(batch => batch).Distinct().Count());
        Assert.All(batches, batch => Assert.True(batch.Length == 1 || batch.Length * batch.Max(text => text.Ids.Length) <= 256));
    }

    private static void AssertClose(float[] expected, float[] found, float tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], tolerance);
    }

    private sealed record Reference(string Text, int[] Ids, float[] Embedding);

    private sealed class DictionaryCache : IEmbeddingCache
    {
        public Dictionary<string, float[]> Known { get; } = [];

        public IReadOnlyDictionary<string, float[]> Find(string model, IReadOnlyCollection<string> texts) =>
            texts.Where(text => Known.ContainsKey(model + text)).ToDictionary(text => text, text => Known[model + text]);

        public void Add(string model, IReadOnlyCollection<KeyValuePair<string, float[]>> embeddings)
        {
            foreach ((string text, float[] vector) in embeddings) Known.Add(model + text, vector);
        }
    }

    private sealed class Collect(List<WorkProgress> reports) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => reports.Add(value);
    }

    private sealed class Act(Action action) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => action();
    }
}
