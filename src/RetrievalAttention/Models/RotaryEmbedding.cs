using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>
/// Rotary position embedding (Su et al. 2021, "RoFormer") in the half convention: pairs are (i, i + D/2). Tables grow on demand; several threads may rotate at once.
/// </summary>
public sealed class RotaryEmbedding(IReadOnlyList<double> frequencies, Device device) : IDisposable
{
    private readonly Lock _growing = new();

    /// <summary>The last one is used; another thread may still use one before it.</summary>
    private readonly List<Tables> _all = [];
    private volatile Tables? _tables;

    /// <summary>Rotates x [..., T, D] so that its first row stands at <paramref name="firstPosition"/>. Returns a new tensor of x's type.</summary>
    public Tensor Rotate(Tensor x, int firstPosition)
    {
        long rows = x.shape[^2];
        using var scope = NewDisposeScope();
        Tables tables = TablesFor(firstPosition + (int)rows);
        Tensor cos = tables.Cos.narrow(0, firstPosition, rows).to(x.dtype);
        Tensor sin = tables.Sin.narrow(0, firstPosition, rows).to(x.dtype);
        return Rotate(x, cos, sin).MoveToOuterDisposeScope();
    }

    /// <summary>Undoes <see cref="Rotate(Tensor, int)"/>: x [..., T, D] as it was before its first row stood at <paramref name="firstPosition"/>. Returns a new tensor of x's type.</summary>
    public Tensor RotateBack(Tensor x, int firstPosition)
    {
        long rows = x.shape[^2];
        using var scope = NewDisposeScope();
        Tables tables = TablesFor(firstPosition + (int)rows);
        Tensor cos = tables.Cos.narrow(0, firstPosition, rows).to(x.dtype);
        Tensor sin = tables.Sin.narrow(0, firstPosition, rows).neg().to(x.dtype);
        return Rotate(x, cos, sin).MoveToOuterDisposeScope();
    }

    /// <summary>Rotates every row of x [..., T, D] by the same <paramref name="position"/>.</summary>
    public Tensor RotateAll(Tensor x, int position)
    {
        using var scope = NewDisposeScope();
        Tables tables = TablesFor(position + 1);
        return Rotate(x, tables.Cos.narrow(0, position, 1).to(x.dtype), tables.Sin.narrow(0, position, 1).to(x.dtype)).MoveToOuterDisposeScope();
    }

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        long half = x.shape[^1] / 2;
        Tensor first = x.narrow(-1, 0, half);
        Tensor second = x.narrow(-1, half, half);
        Tensor rotated = empty_like(x);
        rotated.narrow(-1, 0, half).copy_(first * cos).sub_(second * sin);
        rotated.narrow(-1, half, half).copy_(second * cos).add_(first * sin, Scalars.One);
        return rotated;
    }

    private Tables TablesFor(int positions)
    {
        if (_tables is { } there && there.Cos.shape[0] >= positions) return there;
        lock (_growing)
        {
            if (_tables is { } grown && grown.Cos.shape[0] >= positions) return grown;
            long rows = Math.Max(2048, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)positions));
            using var scope = NewDisposeScope();
            Tensor angles = outer(arange(Scalars.Integer(rows), float64), tensor(frequencies.ToArray(), float64));
            Tables tables = new(angles.cos().to(float32).to(device).DetachFromDisposeScope(), angles.sin().to(float32).to(device).DetachFromDisposeScope());
            _all.Add(tables);
            return _tables = tables;
        }
    }

    public void Dispose()
    {
        foreach (Tables tables in _all)
        {
            tables.Cos.Dispose();
            tables.Sin.Dispose();
        }
    }

    /// <summary>[positions, D/2] each.</summary>
    private sealed record Tables(Tensor Cos, Tensor Sin);
}
