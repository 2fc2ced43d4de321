using System.Numerics.Tensors;

namespace RetrievalAttention.Models.Decoding;

/// <summary>The vector that a matrix is multiplied with; it never moves. Beyond its length there are zeros up to a multiple of 256.</summary>
internal sealed unsafe class Activation
{
    private const int Padding = 256;

    private readonly float[] _values;
    private readonly float[] _groupSums;

    public Activation(int length)
    {
        int padded = (length + Padding - 1) / Padding * Padding;
        Length = length;
        _values = GC.AllocateArray<float>(padded, pinned: true);
        _groupSums = GC.AllocateArray<float>(padded / 32, pinned: true);
        Start = (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _values[0]);
        GroupSums = (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _groupSums[0]);
    }

    public int Length { get; }

    public Span<float> Values => _values.AsSpan(0, Length);

    public float* Start { get; }

    /// <summary>Sums over groups of 32, as of the last <see cref="SumGroups"/>.</summary>
    public float* GroupSums { get; }

    /// <summary>Call after <see cref="Values"/> were written and before they are multiplied.</summary>
    public void SumGroups()
    {
        for (int group = 0; group * 32 < Length; group++) _groupSums[group] = TensorPrimitives.Sum<float>(_values.AsSpan(group * 32, 32));
    }
}
