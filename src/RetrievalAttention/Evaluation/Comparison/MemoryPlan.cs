using TorchSharp;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>The rows that one layer attends to between header and question: tokens of the memory, or numbers that stand for many of them.</summary>
/// <param name="Keys">[G, R, D], rotated.</param>
/// <param name="Values">[G, R, D].</param>
/// <param name="Bias">From rotated queries [H, T, D] to what is added to the rows' scores, [H or 1, T or 1, R]; null for nothing. Lives as long as the plan.</param>
public sealed record LayerRows(torch.Tensor Keys, torch.Tensor Values, Func<torch.Tensor, torch.Tensor>? Bias = null)
{
    /// <summary>Tokens of the document that the rows are: [R] for all heads, or [G, R], int64; null where rows stand for many tokens, or only some heads see them.</summary>
    public torch.Tensor? Tokens { get; init; }
}

/// <summary>Gives the rows of one layer, when the layer is reached; null hides the layer's rows.</summary>
/// <param name="queries">[H, T, D] of the question's tokens in that layer, before rotary embedding. The answer's tokens choose only where <see cref="MemoryPlan.EachTokenChooses"/>.</param>
/// <param name="start">Position of the first row.</param>
public delegate LayerRows? RowsOfLayer(int layer, torch.Tensor queries, int start);

/// <summary>What a method lets the model attend to for one question, and what choosing it costs.</summary>
public sealed record MemoryPlan
{
    /// <summary>R: rows of every layer.</summary>
    public int RowCount { get; init; }

    /// <summary>Null when there are none.</summary>
    public RowsOfLayer? Rows { get; init; }

    /// <summary>Every token that predicts chooses anew: the question's last one and the answer's, each by its own queries.</summary>
    public bool EachTokenChooses { get; init; }

    /// <summary>Share of layers and heads that see the rows.</summary>
    public double SeenShare { get; init; } = 1;

    /// <summary>Blocks whose text stands in the prompt, in document order.</summary>
    public IReadOnlyList<int> QuotedBlocks { get; init; } = [];

    /// <summary>The header, which acts as an attention sink, is not seen.</summary>
    public bool HidesHeader { get; init; }

    /// <summary>Predictions are mixed with those of the nearest tokens of the document; null for not.</summary>
    public NearestTokens? AtOutput { get; init; }

    /// <summary>Stored key vectors that queries were compared with in order to choose, over all layers and key/value heads.</summary>
    public long KeysCompared { get; init; }
}
