namespace RetrievalAttention.Embeddings;

/// <summary>Shape of a BERT encoder, as its config.json declares it. E hidden size, H heads, L layers, V vocabulary.</summary>
public sealed record BertConfig
{
    /// <summary>L.</summary>
    public required int Layers { get; init; }

    /// <summary>H.</summary>
    public required int Heads { get; init; }

    /// <summary>E.</summary>
    public required int HiddenSize { get; init; }

    public required int FeedForwardSize { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Positions that have an embedding: the longest sequence, special tokens included.</summary>
    public required int MaximumPositions { get; init; }

    public required int TokenTypes { get; init; }

    public required double NormEpsilon { get; init; }

    /// <summary>Exact GELU by the error function, or its approximation by tanh.</summary>
    public required bool GeluByTanh { get; init; }
}
