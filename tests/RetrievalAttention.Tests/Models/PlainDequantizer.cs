using System.Buffers.Binary;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Models;

/// <summary>The slow reference: one number at a time, written from the description of each block in ggml-common.h and ggml-quants.c.</summary>
internal static class PlainDequantizer
{
    public static float[] Dequantize(WeightType type, byte[] source)
    {
        var numbers = new List<float>();
        for (int at = 0; at < source.Length; at += type.BlockBytes())
            numbers.AddRange(Block(type, source[at..(at + type.BlockBytes())]));
        return [.. numbers];
    }

    private static IEnumerable<float> Block(WeightType type, byte[] b) => Enumerable.Range(0, type.BlockLength()).Select(i => type switch
    {
        WeightType.F32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        WeightType.F16 => Half(b, 0),
        WeightType.BF16 => BitConverter.UInt32BitsToSingle((uint)(b[0] | (b[1] << 8)) << 16),
        WeightType.Q4_0 => (Nibble(b, 2, i) - 8) * Half(b, 0),
        WeightType.Q4_1 => Nibble(b, 4, i) * Half(b, 0) + Half(b, 2),
        WeightType.Q5_0 => ((Nibble(b, 6, i) | (Bit(b, 2, i) << 4)) - 16) * Half(b, 0),
        WeightType.Q5_1 => (Nibble(b, 8, i) | (Bit(b, 4, i) << 4)) * Half(b, 0) + Half(b, 2),
        WeightType.Q8_0 => (sbyte)b[2 + i] * Half(b, 0),
        WeightType.Q4_K => Half(b, 0) * Scale(b, i / 32) * WideNibble(b, 16, i) - Half(b, 2) * Minimum(b, i / 32),
        WeightType.Q5_K => Half(b, 0) * Scale(b, i / 32) * (WideNibble(b, 48, i) | (((b[16 + i % 32] >> (i / 32)) & 1) << 4)) - Half(b, 2) * Minimum(b, i / 32),
        WeightType.Q6_K => Half(b, 208) * (sbyte)b[192 + i / 16] * (SixBits(b, i) - 32),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    });

    private static float Half(byte[] b, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(b.AsSpan(at));

    // Number i < 16 is the low half of byte i, number i + 16 its high half.
    private static int Nibble(byte[] b, int at, int i) => i < 16 ? b[at + i] & 15 : b[at + i - 16] >> 4;

    private static int Bit(byte[] b, int at, int i) => (b[at + i / 8] >> (i % 8)) & 1;

    // K-quants: 64 numbers share 32 bytes, the first 32 numbers in the low halves.
    private static int WideNibble(byte[] b, int at, int i)
    {
        byte packed = b[at + i / 64 * 32 + i % 32];
        return i % 64 < 32 ? packed & 15 : packed >> 4;
    }

    private static int Scale(byte[] b, int part) => part < 4 ? b[4 + part] & 63 : (b[4 + part + 4] & 15) | ((b[4 + part - 4] >> 6) << 4);

    private static int Minimum(byte[] b, int part) => part < 4 ? b[4 + part + 4] & 63 : (b[4 + part + 4] >> 4) | ((b[4 + part] >> 6) << 4);

    // Q6_K: in each half of 128, numbers l, l+32, l+64, l+96 take the bit pairs 0 to 3 of byte l of the upper bits.
    private static int SixBits(byte[] b, int i)
    {
        int half = i / 128, l = i % 32, group = i % 128 / 32;
        byte packed = b[half * 64 + l + group % 2 * 32];
        int low = group < 2 ? packed & 15 : packed >> 4;
        return low | (((b[128 + half * 32 + l] >> (2 * group)) & 3) << 4);
    }
}
