using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace RetrievalAttention.Models.Decoding;

/// <summary>Writes numbers as Q8_0.</summary>
internal static class Q8Quantizer
{
    private const int Largest = 127;

    /// <param name="numbers">A multiple of 32.</param>
    /// <param name="target">34 bytes for each 32 numbers.</param>
    public static void Quantise(ReadOnlySpan<float> numbers, Span<byte> target)
    {
        int length = WeightType.Q8_0.BlockLength(), bytes = WeightType.Q8_0.BlockBytes();
        for (int block = 0; block < numbers.Length / length; block++)
            QuantiseBlock(numbers.Slice(block * length, length), target.Slice(block * bytes, bytes));
    }

    // Numbers are divided by the scale as it is stored, so that its rounding does not add to theirs.
    private static void QuantiseBlock(ReadOnlySpan<float> numbers, Span<byte> target)
    {
        Half scale = (Half)(Math.Abs(TensorPrimitives.MaxMagnitude(numbers)) / Largest);
        BinaryPrimitives.WriteHalfLittleEndian(target, scale);
        float inverse = scale == Half.Zero ? 0 : 1 / (float)scale;
        for (int i = 0; i < numbers.Length; i++)
            target[2 + i] = (byte)(sbyte)Math.Clamp(MathF.Round(numbers[i] * inverse), -Largest, Largest);
    }
}
