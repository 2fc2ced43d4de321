using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>
/// Carries a plan out while the decoder runs: fills the rows between header and question when a layer is reached by the question's tokens, with that layer's
/// own queries, and keeps them for the answer's tokens, unless each token chooses.
/// </summary>
/// <param name="start">Position of the first row, which is the header's length.</param>
/// <param name="asking">Last tokens of the question whose queries choose; null for all.</param>
internal sealed class PlannedAttention(MemoryPlan plan, DecoderConfig config, int start, int? asking) : IAttentionTap, IAttentionBias, IDisposable
{
    private readonly bool[] _reached = new bool[config.Layers];
    private readonly bool[] _hidden = new bool[config.Layers];
    private readonly Tensor?[] _tokens = new Tensor?[config.Layers];
    private readonly Func<Tensor, Tensor>?[] _bias = new Func<Tensor, Tensor>?[config.Layers];
    private Tensor? _lastKeys;

    /// <summary>Keys of the last layer before rotary embedding of the tokens that were run last, [T, G * D]; only where the plan mixes at the output. Owned by this object.</summary>
    public Tensor LastKeys => _lastKeys ?? throw new InvalidOperationException("Only a plan that mixes at the output keeps keys of the last layer.");

    /// <summary>The answer's tokens attend to everything in the context alike, so that any decoder can go on with it.</summary>
    public bool IsPlain => !plan.HidesHeader && plan.AtOutput is null && !plan.EachTokenChooses && !_hidden.Contains(true) && Array.TrueForAll(_bias, bias => bias is null);

    /// <inheritdoc cref="LayerRows.Tokens"/>
    public Tensor? Tokens(int layer) => _tokens[layer];

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        if (plan.AtOutput is not null && layer == config.Layers - 1)
        {
            _lastKeys?.Dispose();
            _lastKeys = keys.to(float32).transpose(0, 1).reshape(keys.shape[1], -1).DetachFromDisposeScope();
        }
        if (plan.Rows is null || (_reached[layer] && !plan.EachTokenChooses)) return;
        _reached[layer] = true;
        using var scope = NewDisposeScope();
        long choosing = Math.Min(queries.shape[1], asking ?? long.MaxValue);
        if (plan.Rows(layer, queries.narrow(1, queries.shape[1] - choosing, choosing), start) is not { } rows)
        {
            _hidden[layer] = true;
            // Nobody looks at these rows, but what memory happens to hold there may be no number, and nothing times NaN is NaN.
            context.Keys(layer).narrow(1, start, plan.RowCount).zero_();
            context.Values(layer).narrow(1, start, plan.RowCount).zero_();
            return;
        }
        _bias[layer] = rows.Bias;
        // Of tokens that choose for themselves none speaks for the question.
        _tokens[layer] = plan.EachTokenChooses ? null : rows.Tokens?.DetachFromDisposeScope();
        context.Keys(layer).narrow(1, start, plan.RowCount).copy_(rows.Keys);
        context.Values(layer).narrow(1, start, plan.RowCount).copy_(rows.Values);
    }

    public Tensor? Bias(int layer, Tensor queries, AttentionContext context)
    {
        if (!plan.HidesHeader && !_hidden[layer] && _bias[layer] is null) return null;
        using var scope = NewDisposeScope();
        Tensor bias = zeros([queries.shape[0], queries.shape[1], context.Length], float32, queries.device);
        if (plan.HidesHeader) bias.narrow(2, 0, start).fill_(Scalars.MinusInfinity);
        Tensor rows = bias.narrow(2, start, plan.RowCount);
        if (_hidden[layer]) rows.fill_(Scalars.MinusInfinity);
        else if (_bias[layer] is { } ofRows) rows.copy_(ofRows(queries.to(float32)));
        return bias.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _lastKeys?.Dispose();
        foreach (Tensor? tokens in _tokens) tokens?.Dispose();
    }
}
