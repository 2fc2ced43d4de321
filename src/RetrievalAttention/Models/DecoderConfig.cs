namespace RetrievalAttention.Models;

/// <summary>
/// Shape of a Llama-family decoder, read from a model's own metadata. Dimension key of the code base: L layers, H query heads,
/// G key/value heads, D head size, E hidden size, V vocabulary, T query tokens, S memory tokens, N document tokens, B blocks.
/// </summary>
public sealed record DecoderConfig
{
    /// <summary>"llama", "qwen2" or "qwen3".</summary>
    public required string Architecture { get; init; }

    /// <summary>L.</summary>
    public required int Layers { get; init; }

    /// <summary>H.</summary>
    public required int Heads { get; init; }

    /// <summary>G; H is a multiple of it.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D.</summary>
    public required int HeadSize { get; init; }

    /// <summary>E.</summary>
    public required int HiddenSize { get; init; }

    public required int FeedForwardSize { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence the model was trained on, in tokens.</summary>
    public required int ContextLength { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>
    /// Angle per position for each pair of dimensions, [D/2]: base^(-2i/D), with the model's scaling (such as llama3's) applied.
    /// Pairs are (i, i + D/2), the "half" convention; readers of files with interleaved pairs permute q and k to it.
    /// </summary>
    public required IReadOnlyList<double> RopeFrequencies { get; init; }

    /// <summary>The output projection is the transposed embedding.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>q, k and v projections have biases (qwen2).</summary>
    public bool QkvBias { get; init; }

    /// <summary>q and k are RMS-normalised per head before rotation (qwen3).</summary>
    public bool QkNorm { get; init; }
}
