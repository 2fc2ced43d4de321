using System.Numerics.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Models;

/// <summary>
/// Low-rank additions to the query projections (LoRA, Hu et al. 2022) for tokens that have a memory in sight. Of queries only: the keys in memory files were made by the
/// plain model and stay good, whatever is learned; and without a memory the model is the plain one.
/// </summary>
/// <param name="down">[L, R, E], float32, owned by this object.</param>
/// <param name="up">[L, H * D, R], float32, owned by this object; at 0 nothing is added.</param>
public sealed class QueryAdapters(Tensor down, Tensor up) : IDisposable
{
    private (float[] Down, float[] Up)[]? _numbers;

    /// <summary>[L, R, E].</summary>
    public Tensor Down => down;

    /// <summary>[L, H * D, R].</summary>
    public Tensor Up => up;

    /// <summary>What is added to the queries of x: [T, E] to [T, H * D], float32.</summary>
    public Tensor Of(int layer, Tensor x) => linear(linear(x.to(float32), down[layer]), up[layer]);

    /// <summary>The same for one token without libtorch. Of adapters that do not learn any more.</summary>
    /// <param name="x">[E].</param>
    /// <param name="queries">[H * D].</param>
    internal void Add(int layer, ReadOnlySpan<float> x, Span<float> queries)
    {
        (float[] rows, float[] columns) = (_numbers ??= [.. Enumerable.Range(0, (int)down.shape[0]).Select(NumbersOf)])[layer];
        for (int i = 0; i * x.Length < rows.Length; i++)
        {
            float weight = TensorPrimitives.Dot(rows.AsSpan(i * x.Length, x.Length), x);
            TensorPrimitives.MultiplyAdd(columns.AsSpan(i * queries.Length, queries.Length), weight, queries, queries);
        }
    }

    public void Dispose()
    {
        down.Dispose();
        up.Dispose();
    }

    /// <summary>[R * E], and [R * H * D]: columns of the second matrix one after another.</summary>
    private (float[] Down, float[] Up) NumbersOf(int layer)
    {
        using var scope = NewDisposeScope();
        return (down[layer].detach().cpu().data<float>().ToArray(), up[layer].detach().t().contiguous().cpu().data<float>().ToArray());
    }
}
