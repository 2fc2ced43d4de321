namespace RetrievalAttention.Catalog;

/// <summary>What the library knows about a document without loading its text.</summary>
public sealed record CatalogDocument
{
    /// <summary>Never used again for another document, not even after this one was removed.</summary>
    public required long Id { get; init; }

    /// <summary>SHA-256 of the file's bytes, lower-case hexadecimal: the identity.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Absolute path of the file when it was seen last; the file may be gone.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    /// <summary>The file name without extension until the file was read.</summary>
    public required string Title { get; init; }

    public string? Author { get; init; }

    public string? Language { get; init; }

    /// <summary>Null until the file was read.</summary>
    public Documents.DocumentFormat? Format { get; init; }

    /// <summary>Printed pages; 0 for formats without them.</summary>
    public int Pages { get; init; }

    /// <summary>UTF-16 code units of the text.</summary>
    public long Characters { get; init; }

    /// <summary>Tokens of the passages, counted by the embedder's tokenizer; null until the document is searchable.</summary>
    public long? Tokens { get; init; }

    public required DocumentStage Stage { get; init; }

    /// <summary>What a person should know about how the file was read, as complete sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why work on the document has stopped for good; null when it goes on or is done.</summary>
    public string? Problem { get; init; }

    /// <summary>The older version that this one takes the place of as soon as it is searchable; null for all that are in use.</summary>
    public long? Replaces { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
