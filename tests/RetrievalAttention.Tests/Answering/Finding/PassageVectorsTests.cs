using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Memory;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Answering.Finding;

[Collection(Shipped.OneAtATime)]
public sealed class PassageVectorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ra-vectors-").FullName;
    private readonly Document _document = TinyMemories.DocumentOf(string.Join(' ', Enumerable.Range(0, 60).Select(i => $"The captain told story number {i} about a lantern that burned under the sea.")));

    [Fact]
    public void WhatTheCacheKnowsIsNotEmbeddedAndWhereNothingCanBeWrittenNothingIsLost()
    {
        KeptVectors cache = new();
        using IModelWeights weights = ModelFiles.Open(Shipped.DecoderPath);
        DocumentBlocks blocks = DocumentBlocks.Of(_document, weights.CreateTokenizer());
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, CPU, new EmbedderOptions(), cache);

        // A folder stands where the file would be.
        string memory = Path.Combine(_folder, "a.memory");
        Directory.CreateDirectory(memory + ".passages");
        double[] Score()
        {
            using PassageVectors vectors = PassageVectors.OpenOrEmbed(memory, blocks, embedder, new PassageOptions(), null, CancellationToken.None);
            return vectors.Score(vectors.EmbedQuestion("a lantern under water"), blocks);
        }
        double[] first = Score();
        int embedded = cache.Added;
        Assert.True(embedded > 3 && first.Length > 10, $"{embedded} texts, {first.Length} blocks");
        Assert.Equal(first, Score());
        Assert.Equal(embedded, cache.Added);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class KeptVectors : IEmbeddingCache
    {
        private readonly Dictionary<string, float[]> _kept = [];

        public int Added { get; private set; }

        public IReadOnlyDictionary<string, float[]> Find(string model, IReadOnlyCollection<string> texts) => texts.Where(_kept.ContainsKey).ToDictionary(text => text, text => _kept[text]);

        public void Add(string model, IReadOnlyCollection<KeyValuePair<string, float[]>> embeddings)
        {
            foreach ((string text, float[] vector) in embeddings) _kept[text] = vector;
            Added += embeddings.Count;
        }
    }
}
