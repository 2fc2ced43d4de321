using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>
/// One number β a layer and query head, added to the scores of a context's remembered rows in the one softmax over everything. The share of the memory is then
/// σ(m − r + β), with m and r the logarithms of the sums of exponentials over the memory and over the rest: the gate of Memorizing Transformers (Wu et al. 2022,
/// section 3.2), on a mixture that the content decides. At 0 it is the plain model.
/// </summary>
/// <param name="values">[L, H], float32, owned by this object. With gradients it learns.</param>
/// <param name="adapters">Learned with the gates, owned by this object; null for none.</param>
public sealed class HeadGates(Tensor values, QueryAdapters? adapters = null) : IAttentionBias, IDisposable
{
    private float[][]? _numbers;

    /// <summary>[L, H].</summary>
    public Tensor Values => values;

    public QueryAdapters? Adapters => adapters;

    /// <summary>[H], for what runs without libtorch. Of gates that do not learn any more.</summary>
    internal float[] Of(int layer) => (_numbers ??= [.. Enumerable.Range(0, (int)values.shape[0]).Select(NumbersOf)])[layer];

    public Tensor? Bias(int layer, Tensor queries, AttentionContext context)
    {
        (int start, int end) = context.Remembered;
        if (start == end) return null;
        Tensor rows = values[layer].view(-1, 1, 1).expand(-1, 1, end - start);
        return nn.functional.pad(rows, [start, context.Length - end]);
    }

    public void Dispose()
    {
        values.Dispose();
        adapters?.Dispose();
    }

    private float[] NumbersOf(int layer)
    {
        using var scope = NewDisposeScope();
        return values[layer].detach().cpu().data<float>().ToArray();
    }
}
