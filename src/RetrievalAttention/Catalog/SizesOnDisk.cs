namespace RetrievalAttention.Catalog;

/// <summary>What a document takes on disk, in bytes, by what it is for.</summary>
public sealed record SizesOnDisk(long Text, long Passages, long Embeddings, long Memory);
