using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using RetrievalAttention.Embeddings;

namespace RetrievalAttention.Indexing;

/// <summary>A vector index as a collection of Microsoft.Extensions.VectorData, so that programs written for it can search here.</summary>
/// <param name="name">For a person.</param>
/// <param name="index">Owned by the caller, who also saves it.</param>
/// <param name="embedder">Embeds texts that are stored or searched for; null when only vectors are used.</param>
public sealed class PassageCollection(string name, IVectorIndex index, IPassageRecords records, IEmbeddingGenerator<string, Embedding<float>>? embedder)
    : VectorStoreCollection<long, PassageRecord>
{
    public override string Name => name;

    /// <summary>The collection is there as long as its index is.</summary>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Removes all records and their vectors.</summary>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        DeleteAsync(records.All().Select(record => record.Id).ToArray(), cancellationToken);

    public override Task<PassageRecord?> GetAsync(long key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(records.Find(key) is { } record ? Shown(record, options?.IncludeVectors == true) : null);

    public override async IAsyncEnumerable<PassageRecord> GetAsync(
        Expression<Func<PassageRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<PassageRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Func<PassageRecord, bool> allowed = filter.Compile();
        IEnumerable<PassageRecord> found = Ordered(records.All().Where(allowed), options);
        foreach (PassageRecord record in found.Skip(options?.Skip ?? 0).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Shown(record, options?.IncludeVectors == true);
        }
        await Task.CompletedTask;
    }

    public override Task DeleteAsync(long key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    public override Task DeleteAsync(IEnumerable<long> keys, CancellationToken cancellationToken = default)
    {
        long[] all = [.. keys];
        index.Remove(all);
        foreach (long key in all) records.Remove(key);
        return Task.CompletedTask;
    }

    public override Task UpsertAsync(PassageRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    /// <exception cref="ProblemException">A vector is refused (see <see cref="IVectorIndex.Add"/>), or is missing and there is no embedder.</exception>
    public override async Task UpsertAsync(IEnumerable<PassageRecord> passages, CancellationToken cancellationToken = default)
    {
        PassageRecord[] all = [.. passages];
        float[][] vectors = new float[all.Length][];
        for (int i = 0; i < all.Length; i++)
            vectors[i] = all[i].Vector.IsEmpty ? await EmbedAsync(all[i].Text, EmbeddingPurpose.Passage, cancellationToken).ConfigureAwait(false) : all[i].Vector.ToArray();
        index.Add([.. all.Select(record => record.Id)], vectors);
        foreach (PassageRecord record in all) records.Put(record with { Vector = ReadOnlyMemory<float>.Empty });
    }

    /// <param name="searchValue">A text, or a vector as float[], ReadOnlyMemory or Embedding.</param>
    /// <exception cref="ProblemException">The value is of another type, or a text and there is no embedder.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<PassageRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<PassageRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        float[] query = searchValue switch
        {
            string text => await EmbedAsync(text, EmbeddingPurpose.Query, cancellationToken).ConfigureAwait(false),
            float[] vector => vector,
            ReadOnlyMemory<float> vector => vector.ToArray(),
            Embedding<float> embedding => embedding.Vector.ToArray(),
            _ => throw new ProblemException(ProblemKind.Setting, $"A value of the type {typeof(TInput).Name} cannot be searched for; a text, float[], ReadOnlyMemory<float> or Embedding<float> was expected."),
        };
        Func<PassageRecord, bool>? filter = options?.Filter?.Compile();
        int skip = options?.Skip ?? 0;
        IReadOnlyList<VectorMatch> matches = index.Search(query, top + skip, id => records.Find(id) is { } record && filter?.Invoke(record) != false);
        foreach (VectorMatch match in matches.Skip(skip))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (match.Score < options?.ScoreThreshold) yield break;
            if (records.Find(match.Id) is { } record)
                yield return new VectorSearchResult<PassageRecord>(Shown(record, options?.IncludeVectors == true), match.Score);
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata))
            return new VectorStoreCollectionMetadata { VectorStoreSystemName = "RetrievalAttention", CollectionName = Name };
        if (serviceType == typeof(IVectorIndex)) return index;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    private PassageRecord Shown(PassageRecord record, bool withVector) => record with { Vector = withVector ? index.Find(record.Id) ?? ReadOnlyMemory<float>.Empty : ReadOnlyMemory<float>.Empty };

    private async Task<float[]> EmbedAsync(string text, EmbeddingPurpose purpose, CancellationToken cancellation)
    {
        if (embedder is null)
            throw new ProblemException(ProblemKind.Setting, $"The collection {name} has no embedder, so a {purpose.ToString().ToLowerInvariant()} needs its vector. Give one when the collection is made.");
        var options = new EmbeddingGenerationOptions { AdditionalProperties = new AdditionalPropertiesDictionary { [SentenceEmbedder.PurposeProperty] = purpose } };
        GeneratedEmbeddings<Embedding<float>> embeddings = await embedder.GenerateAsync([text], options, cancellation).ConfigureAwait(false);
        return embeddings[0].Vector.ToArray();
    }

    private static IEnumerable<PassageRecord> Ordered(IEnumerable<PassageRecord> found, FilteredRecordRetrievalOptions<PassageRecord>? options)
    {
        var order = new FilteredRecordRetrievalOptions<PassageRecord>.OrderByDefinition();
        options?.OrderBy?.Invoke(order);
        IOrderedEnumerable<PassageRecord>? sorted = null;
        foreach (var by in order.Values)
        {
            Func<PassageRecord, object?> key = by.PropertySelector.Compile();
            sorted = (sorted, by.Ascending) switch
            {
                (null, true) => found.OrderBy(key),
                (null, false) => found.OrderByDescending(key),
                (_, true) => sorted.ThenBy(key),
                (_, false) => sorted.ThenByDescending(key),
            };
        }
        return sorted ?? found;
    }
}
