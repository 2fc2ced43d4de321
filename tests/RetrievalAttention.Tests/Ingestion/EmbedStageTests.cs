using Microsoft.Extensions.AI;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Catalog;

namespace RetrievalAttention.Tests.Ingestion;

public class EmbedStageTests
{
    /// <summary>A text's vector is its length and its first letter; notes what it was asked for.</summary>
    private sealed class CountingGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public List<string> Texts { get; } = [];

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] texts = [.. values];
            Texts.AddRange(texts);
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(t => new Embedding<float>(new float[] { t.Length, t[0] }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private static string BookOf(int sentences, string first = "It begins here.") =>
        string.Join("\n\n", [first, .. Enumerable.Range(1, sentences - 1).Select(i => $"Sentence number {i} stands in a paragraph of its own, and is long enough to fill one passage alone.")]);

    [Fact]
    public async Task EveryPassageGetsTheVectorOfItsText()
    {
        using TemporaryLibrary temporary = new();
        CountingGenerator generator = new();
        temporary.Write("a.txt", BookOf(300));
        await IngestAsync(temporary, generator, "model");
        Dictionary<long, StoredPassage> passages = temporary.Library.LoadPassages(1).ToDictionary(p => p.Id);
        List<PassageVector> vectors = temporary.Library.Embeddings.Read("model", all => all.ToList());
        Assert.True(vectors.Count >= 100, $"{vectors.Count} passages");
        Assert.Equal(passages.Keys.Order(), vectors.Select(v => v.Passage));
        Assert.All(vectors, v => Assert.Equal([passages[v.Passage].Passage.EmbeddedText.Length, passages[v.Passage].Passage.EmbeddedText[0]], v.Vector));
        Assert.Empty(temporary.Library.Embeddings.Read("another model", all => all.ToList()));
    }

    [Fact]
    public async Task TextsThatADocumentNoLongerHasLeaveNoVector()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", BookOf(20));
        await IngestAsync(temporary, new CountingGenerator(), "model");
        Passage[] kept = [.. temporary.Library.LoadPassages(1).Take(3).Select(stored => stored.Passage)];
        temporary.Library.Database.Write(connection => PassageRows.Store(connection, 1, null, kept));
        Assert.Equal(3, temporary.Library.Database.Read(connection => connection.Scalar<long>("SELECT COUNT(*) FROM embeddings")));
    }

    [Fact]
    public async Task WhoeverEmbedsTheSameTextsFindsTheLibrarysVectors()
    {
        using TemporaryLibrary temporary = new();
        CountingGenerator generator = new();
        temporary.Write("a.txt", BookOf(300));
        await IngestAsync(temporary, generator, "model");
        LibraryEmbeddingCache cache = new(temporary.Library);
        string HashOf(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        StoredPassage[] passages = [.. temporary.Library.LoadPassages(1)];
        string[] wanted = [.. passages.Select(passage => HashOf(passage.Passage.EmbeddedText)), HashOf("nowhere")];
        IReadOnlyDictionary<string, float[]> found = cache.Find("model", wanted);
        Assert.True(passages.Length > 100);
        Assert.All(passages, passage => Assert.Equal([passage.Passage.EmbeddedText.Length, passage.Passage.EmbeddedText[0]], found[HashOf(passage.Passage.EmbeddedText)]));
        Assert.False(found.ContainsKey(HashOf("nowhere")));
        Assert.Empty(cache.Find("another model", wanted));
    }

    [Fact]
    public async Task PassagesOfAnEditedBookThatDidNotChangeAreNotEmbeddedAgain()
    {
        using TemporaryLibrary temporary = new();
        CountingGenerator generator = new();
        temporary.Write("a.txt", BookOf(300));
        await IngestAsync(temporary, generator, "model");
        int first = generator.Texts.Count;
        generator.Texts.Clear();
        temporary.Write("a.txt", BookOf(300, "It begins in another way."));
        await IngestAsync(temporary, generator, "model");

        Assert.True(first >= 100, $"{first} passages");
        Assert.Contains("another way", Assert.Single(generator.Texts), StringComparison.Ordinal);
        Assert.Equal(first, temporary.Library.Embeddings.Read("model", all => all.Count()));
        Assert.Equal(first, temporary.Library.Database.Read(connection => connection.Scalar<long>("SELECT COUNT(*) FROM embeddings")));
    }

    [Fact]
    public async Task EqualPassagesAreEmbeddedOnceAndStayWhileOneOfThemDoes()
    {
        using TemporaryLibrary temporary = new();
        CountingGenerator generator = new();
        temporary.Write("a.txt", "The same sentence.");
        temporary.Write("b.txt", "The same sentence.\n");
        await IngestAsync(temporary, generator, "model");
        Assert.Single(generator.Texts);
        temporary.Library.Remove(1);
        Assert.Single(temporary.Library.Embeddings.Read("model", all => all.ToList()));
        temporary.Library.Remove(2);
        Assert.Equal(0, temporary.Library.Database.Read(connection => connection.Scalar<long>("SELECT COUNT(*) FROM embeddings")));
    }

    [Fact]
    public async Task AnotherEmbedderEmbedsEverythingAgain()
    {
        using TemporaryLibrary temporary = new();
        CountingGenerator generator = new();
        temporary.Write("a.txt", BookOf(20));
        await IngestAsync(temporary, generator, "model");
        int first = generator.Texts.Count;
        temporary.Library.Jobs.EnqueueForEmbedder("model");
        await IngestAsync(temporary, generator, "model");
        Assert.Equal(first, generator.Texts.Count);

        temporary.Library.Jobs.EnqueueForEmbedder("another");
        await IngestAsync(temporary, generator, "another");
        Assert.Equal(2 * first, generator.Texts.Count);
        Assert.Equal(first, temporary.Library.Embeddings.Read("another", all => all.Count()));
    }

    private static async Task IngestAsync(TemporaryLibrary temporary, CountingGenerator generator, string hash)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        new LibraryScanner(temporary.Library).Scan([temporary.Files], null, cancellation);
        ReadDocument read = (path, options, progress, token) => Task.FromResult(DocumentReaders.All.Read(path, options, progress, token));
        IStageRunner[] stages =
        [
            new ExtractStage(read, new ReadingOptions()),
            new PassagesStage(text => text.Length / 4, new PassageOptions { TargetTokens = 20 }),
            new EmbedStage(() => new PassageEmbedder(hash, generator)),
        ];
        using WorkerPresence worker = temporary.Library.Workers.Enter("test");
        await new IngestionPipeline(temporary.Library, stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, null, cancellation);
    }
}
