using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Tests.Indexing;

public sealed class PassageCollectionTests : IDisposable
{
    private readonly IVectorIndex _index = ExactVectorIndex.Create(new VectorIdentity("letters", 26), torch.CPU);
    private readonly PassageCollection _passages;

    public PassageCollectionTests()
    {
        _passages = new PassageCollection("tests", _index, new DictionaryRecords(), new LetterCounts());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _passages.Dispose();
        _index.Dispose();
    }

    [Fact]
    public async Task WhatIsStoredIsFoundByTextByVectorAndByKey()
    {
        await Fill();
        List<VectorSearchResult<PassageRecord>> byText = await _passages.SearchAsync("banana", 2, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal([2L, 1L], byText.Select(result => result.Record.Id));
        Assert.Equal(1, byText[0].Score!.Value, 3);
        Assert.True(byText[0].Record.Vector.IsEmpty);
        float[] vector = _index.Find(3)!;
        Assert.Equal(3, (await _passages.SearchAsync(vector, 1, cancellationToken: Token).SingleAsync(Token)).Record.Id);
        Assert.Equal("apple", (await _passages.GetAsync(1, cancellationToken: Token))!.Text);
        Assert.Equal(26, (await _passages.GetAsync(1, new RecordRetrievalOptions { IncludeVectors = true }, Token))!.Vector.Length);
        Assert.Null(await _passages.GetAsync(99, cancellationToken: Token));
    }

    [Fact]
    public async Task FiltersSkipsAndThresholdsAreKept()
    {
        await Fill();
        var ofTwo = new VectorSearchOptions<PassageRecord> { Filter = record => record.Document == 20 };
        Assert.Equal(3, (await _passages.SearchAsync("banana", 5, ofTwo, Token).SingleAsync(Token)).Record.Id);
        Assert.Equal(1, (await _passages.SearchAsync("banana", 1, new VectorSearchOptions<PassageRecord> { Skip = 1 }, Token).SingleAsync(Token)).Record.Id);
        Assert.Equal(2, (await _passages.SearchAsync("banana", 5, new VectorSearchOptions<PassageRecord> { ScoreThreshold = 0.99 }, Token).SingleAsync(Token)).Record.Id);
        var byText = new FilteredRecordRetrievalOptions<PassageRecord> { OrderBy = order => order.Descending(record => record.Text) };
        Assert.Equal(["banana", "apple"], await _passages.GetAsync(record => record.Document == 10, 5, byText, Token).Select(record => record.Text).ToListAsync(Token));
    }

    [Fact]
    public async Task WhatIsDeletedIsNotFound()
    {
        await Fill();
        await _passages.DeleteAsync(2, Token);
        Assert.Equal([1L, 3L], (await _passages.SearchAsync("banana", 5, cancellationToken: Token).ToListAsync(Token)).Select(result => result.Record.Id).Order());
        await _passages.EnsureCollectionDeletedAsync(Token);
        Assert.Equal(0, _index.Count);
        Assert.Empty(await _passages.SearchAsync("banana", 5, cancellationToken: Token).ToListAsync(Token));
    }

    [Fact]
    public async Task AValueThatIsNoVectorIsRefused() =>
        await Assert.ThrowsAsync<ProblemException>(async () => await _passages.SearchAsync(42, 1, cancellationToken: Token).ToListAsync(Token));

    [Fact]
    public void ItSaysWhatItIs() => Assert.Equal("tests", ((VectorStoreCollectionMetadata)_passages.GetService(typeof(VectorStoreCollectionMetadata))!).CollectionName);

    private Task Fill() => _passages.UpsertAsync(
    [
        new PassageRecord { Id = 1, Document = 10, Text = "apple" },
        new PassageRecord { Id = 2, Document = 10, Text = "banana" },
        new PassageRecord { Id = 3, Document = 20, Text = "zzz" },
    ], Token);

    private sealed class DictionaryRecords : IPassageRecords
    {
        private readonly SortedDictionary<long, PassageRecord> _records = [];

        public PassageRecord? Find(long id) => _records.GetValueOrDefault(id);

        public void Put(PassageRecord record) => _records[record.Id] = record;

        public void Remove(long id) => _records.Remove(id);

        public IEnumerable<PassageRecord> All() => _records.Values;
    }

    /// <summary>How often each letter occurs.</summary>
    private sealed class LetterCounts : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Counts(text)))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private static float[] Counts(string text) => [.. Enumerable.Range('a', 26).Select(letter => (float)text.Count(c => c == letter))];
    }
}
