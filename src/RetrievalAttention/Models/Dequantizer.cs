using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RetrievalAttention.Models;

/// <summary>
/// Stored numbers to float32. Block layouts are those of ggml-common.h; every number is scale·q + offset, in that order of operations,
/// so that results equal a plain loop's bit for bit.
/// </summary>
internal static class Dequantizer
{
    /// <param name="source">Whole blocks.</param>
    /// <param name="target">As many numbers as the blocks hold.</param>
    public static void Dequantize(WeightType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        int length = type.BlockLength(), bytes = type.BlockBytes();
        if (source.Length % bytes != 0 || source.Length / bytes * length != target.Length)
            throw new ArgumentException($"{source.Length} bytes of {type} are not {target.Length} numbers.", nameof(source));
        switch (type)
        {
            case WeightType.F32:
                MemoryMarshal.Cast<byte, float>(source).CopyTo(target);
                return;
            case WeightType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), target);
                return;
            case WeightType.BF16:
                FromBFloat16(MemoryMarshal.Cast<byte, ushort>(source), target);
                return;
        }

        for (int block = 0; block < source.Length / bytes; block++)
        {
            ReadOnlySpan<byte> from = source.Slice(block * bytes, bytes);
            Span<float> to = target.Slice(block * length, length);
            switch (type)
            {
                case WeightType.Q4_0: FromQ4(from[2..], HalfAt(from, 0), -8, 0f, to); break;
                case WeightType.Q4_1: FromQ4(from[4..], HalfAt(from, 0), 0, HalfAt(from, 2), to); break;
                case WeightType.Q5_0: FromQ5(from[2..], HalfAt(from, 0), -16, 0f, to); break;
                case WeightType.Q5_1: FromQ5(from[4..], HalfAt(from, 0), 0, HalfAt(from, 2), to); break;
                case WeightType.Q8_0: FromQ8(from[2..], HalfAt(from, 0), to); break;
                case WeightType.Q4_K: FromQ4K(from, to); break;
                case WeightType.Q5_K: FromQ5K(from, to); break;
                case WeightType.Q6_K: FromQ6K(from, to); break;
            }
        }
    }

    private static void FromBFloat16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(target);
        int i = 0;
        for (; i + 8 <= source.Length; i += 8)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Create(source.Slice(i, 8)));
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + 4)..]);
        }

        for (; i < source.Length; i++)
            bits[i] = (uint)source[i] << 16;
    }

    // 16 bytes: the low nibbles are numbers 0 to 15, the high ones 16 to 31.
    private static void FromQ4(ReadOnlySpan<byte> nibbles, float scale, int zero, float offset, Span<float> to)
    {
        Vector128<byte> packed = Vector128.Create(nibbles);
        Store(packed & Vector128.Create((byte)0x0F), zero, scale, offset, to);
        Store(packed >>> 4, zero, scale, offset, to[16..]);
    }

    // 4 bytes with the fifth bit of each number, then nibbles as above.
    private static void FromQ5(ReadOnlySpan<byte> from, float scale, int zero, float offset, Span<float> to)
    {
        uint fifth = MemoryMarshal.Read<uint>(from);
        Vector128<byte> packed = Vector128.Create(from.Slice(4, 16));
        Store((packed & Vector128.Create((byte)0x0F)) | FifthBits(fifth), zero, scale, offset, to);
        Store((packed >>> 4) | FifthBits(fifth >> 16), zero, scale, offset, to[16..]);
    }

    private static Vector128<byte> FifthBits(uint bits)
    {
        Vector128<byte> spread = Vector128.Create(Vector64.Create((byte)bits), Vector64.Create((byte)(bits >> 8)));
        Vector128<byte> single = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);
        return Vector128.Equals(spread & single, single) & Vector128.Create((byte)16);
    }

    private static void FromQ8(ReadOnlySpan<byte> from, float scale, Span<float> to)
    {
        for (int i = 0; i < 32; i += 16)
        {
            // Flipping the top bit turns a signed byte s into the unsigned s + 128.
            Store(Vector128.Create(from.Slice(i, 16)) ^ Vector128.Create((byte)0x80), -128, scale, 0f, to[i..]);
        }
    }

    // scale f16 | minimum f16 | 12 bytes with 8 six-bit scales and minimums | 128 bytes of nibbles.
    private static void FromQ4K(ReadOnlySpan<byte> from, Span<float> to)
    {
        float scale = HalfAt(from, 0), minimum = HalfAt(from, 2);
        ReadOnlySpan<byte> scales = from.Slice(4, 12), nibbles = from[16..];
        for (int part = 0; part < 8; part++)
        {
            (int s, int m) = ScaleAndMinimum(scales, part);
            for (int i = 0; i < 32; i += 16)
            {
                Vector128<byte> packed = Vector128.Create(nibbles.Slice(part / 2 * 32 + i, 16));
                Vector128<byte> q = part % 2 == 0 ? packed & Vector128.Create((byte)0x0F) : packed >>> 4;
                Store(q, 0, scale * s, -(minimum * m), to[(part * 32 + i)..]);
            }
        }
    }

    // As Q4_K, with 32 bytes of fifth bits before the nibbles: bit p of byte i belongs to number i of part p.
    private static void FromQ5K(ReadOnlySpan<byte> from, Span<float> to)
    {
        float scale = HalfAt(from, 0), minimum = HalfAt(from, 2);
        ReadOnlySpan<byte> scales = from.Slice(4, 12), fifths = from.Slice(16, 32), nibbles = from[48..];
        for (int part = 0; part < 8; part++)
        {
            (int s, int m) = ScaleAndMinimum(scales, part);
            for (int i = 0; i < 32; i += 16)
            {
                Vector128<byte> packed = Vector128.Create(nibbles.Slice(part / 2 * 32 + i, 16));
                Vector128<byte> low = part % 2 == 0 ? packed & Vector128.Create((byte)0x0F) : packed >>> 4;
                Vector128<byte> fifth = ((Vector128.Create(fifths.Slice(i, 16)) >>> part) & Vector128.Create((byte)1)) << 4;
                Store(low | fifth, 0, scale * s, -(minimum * m), to[(part * 32 + i)..]);
            }
        }
    }

    // 128 bytes of low nibbles | 64 bytes of upper bit pairs | 16 signed scales | scale f16; two halves of 128 numbers.
    private static void FromQ6K(ReadOnlySpan<byte> from, Span<float> to)
    {
        float scale = HalfAt(from, 208);
        for (int part = 0; part < 16; part++)
        {
            int half = part / 8, group = part % 8 / 2, i = part % 2 * 16;
            Vector128<byte> packed = Vector128.Create(from.Slice(half * 64 + group % 2 * 32 + i, 16));
            Vector128<byte> low = group < 2 ? packed & Vector128.Create((byte)0x0F) : packed >>> 4;
            Vector128<byte> pairs = Vector128.Create(from.Slice(128 + half * 32 + i, 16));
            Vector128<byte> high = ((pairs >>> (2 * group)) & Vector128.Create((byte)3)) << 4;
            Store(low | high, -32, scale * (sbyte)from[192 + part], 0f, to[(part * 16)..]);
        }
    }

    // The six-bit packing of K-quants (get_scale_min_k4 in ggml-quants.c).
    internal static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int part) => part < 4
        ? (packed[part] & 63, packed[part + 4] & 63)
        : ((packed[part + 4] & 0x0F) | (packed[part - 4] >> 6 << 4), (packed[part + 4] >> 4) | (packed[part] >> 6 << 4));

    /// <summary>Sixteen times scale·(q + zero) + offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> q, int zero, float scale, float offset, Span<float> to)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(q);
        Store(low, zero, scale, offset, to);
        Store(high, zero, scale, offset, to[8..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<ushort> q, int zero, float scale, float offset, Span<float> to)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(q);
        Vector128<int> zeros = Vector128.Create(zero);
        Vector128<float> scales = Vector128.Create(scale), offsets = Vector128.Create(offset);
        (Vector128.ConvertToSingle(low.AsInt32() + zeros) * scales + offsets).CopyTo(to);
        (Vector128.ConvertToSingle(high.AsInt32() + zeros) * scales + offsets).CopyTo(to[4..]);
    }

    private static float HalfAt(ReadOnlySpan<byte> from, int offset) => (float)MemoryMarshal.Read<Half>(from[offset..]);
}
