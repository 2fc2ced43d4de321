using Microsoft.Extensions.VectorData;

namespace RetrievalAttention.Indexing;

/// <summary>A passage as Microsoft.Extensions.VectorData sees it.</summary>
public sealed record PassageRecord
{
    [VectorStoreKey]
    public required long Id { get; init; }

    /// <summary>The document it belongs to.</summary>
    [VectorStoreData(IsIndexed = true)]
    public required long Document { get; init; }

    [VectorStoreData]
    public required string Text { get; init; }

    /// <summary>Empty where vectors were not asked for; when a record without one is stored, its text is embedded.</summary>
    [VectorStoreVector(384, DistanceFunction = DistanceFunction.CosineSimilarity)]
    public ReadOnlyMemory<float> Vector { get; init; }
}

/// <summary>Where the records of a collection are kept, without their vectors. Implementations are safe to use from several threads.</summary>
public interface IPassageRecords
{
    PassageRecord? Find(long id);

    void Put(PassageRecord record);

    void Remove(long id);

    /// <summary>All records, by id.</summary>
    IEnumerable<PassageRecord> All();
}
