using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>
/// Rotary position embedding (Su et al. 2021, "RoFormer") in the half convention: pairs are (i, i + D/2). Tables grow on demand.
/// </summary>
public sealed class RotaryEmbedding(IReadOnlyList<double> frequencies, Device device) : IDisposable
{
    private Tensor? _cos;
    private Tensor? _sin;

    /// <summary>Rotates x [..., T, D] so that its first row stands at <paramref name="firstPosition"/>. Returns a new tensor of x's type.</summary>
    public Tensor Rotate(Tensor x, int firstPosition)
    {
        long rows = x.shape[^2];
        Grow(firstPosition + (int)rows);
        using var scope = NewDisposeScope();
        Tensor cos = _cos!.narrow(0, firstPosition, rows).to(x.dtype);
        Tensor sin = _sin!.narrow(0, firstPosition, rows).to(x.dtype);
        return Rotate(x, cos, sin).MoveToOuterDisposeScope();
    }

    /// <summary>Undoes <see cref="Rotate(Tensor, int)"/>: x [..., T, D] as it was before its first row stood at <paramref name="firstPosition"/>. Returns a new tensor of x's type.</summary>
    public Tensor RotateBack(Tensor x, int firstPosition)
    {
        long rows = x.shape[^2];
        Grow(firstPosition + (int)rows);
        using var scope = NewDisposeScope();
        Tensor cos = _cos!.narrow(0, firstPosition, rows).to(x.dtype);
        Tensor sin = _sin!.narrow(0, firstPosition, rows).neg().to(x.dtype);
        return Rotate(x, cos, sin).MoveToOuterDisposeScope();
    }

    /// <summary>Rotates every row of x [..., T, D] by the same <paramref name="position"/>.</summary>
    public Tensor RotateAll(Tensor x, int position)
    {
        Grow(position + 1);
        using var scope = NewDisposeScope();
        return Rotate(x, _cos!.narrow(0, position, 1).to(x.dtype), _sin!.narrow(0, position, 1).to(x.dtype)).MoveToOuterDisposeScope();
    }

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        long half = x.shape[^1] / 2;
        Tensor first = x.narrow(-1, 0, half);
        Tensor second = x.narrow(-1, half, half);
        Tensor rotated = empty_like(x);
        rotated.narrow(-1, 0, half).copy_(first * cos).sub_(second * sin);
        rotated.narrow(-1, half, half).copy_(second * cos).add_(first * sin);
        return rotated;
    }

    private void Grow(int positions)
    {
        if (_cos is not null && _cos.shape[0] >= positions) return;
        long rows = Math.Max(2048, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)positions));
        using var scope = NewDisposeScope();
        Tensor angles = outer(arange(rows, float64), tensor(frequencies.ToArray(), float64));
        _cos?.Dispose();
        _sin?.Dispose();
        _cos = angles.cos().to(float32).to(device).DetachFromDisposeScope();
        _sin = angles.sin().to(float32).to(device).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }
}
