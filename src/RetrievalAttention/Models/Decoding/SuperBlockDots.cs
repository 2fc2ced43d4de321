using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RetrievalAttention.Models.Decoding;

// K-quants: 256 numbers in parts, each with a small whole-number scale of its own. Layouts: see Dequantizer.

internal readonly unsafe struct Q4KDot<TLanes> : IRowDot
    where TLanes : struct, ILanes<TLanes>
{
    public static float Dot(byte* row, float* x, float* groupSums, int columns)
    {
        TLanes sums = TLanes.Zero;
        float minimums = 0;
        for (float* end = x + columns; x < end; row += 144)
        {
            Vector128<float> scales = StoredScale.Load4(row);
            (float scale, float minimum) = (scales.ToScalar(), scales.GetElement(1));
            for (int part = 0; part < 8; part++, x += 32, groupSums++)
            {
                (int s, int m) = Dequantizer.ScaleAndMinimum(new ReadOnlySpan<byte>(row + 4, 12), part);
                byte* packed = row + 16 + part / 2 * 32;
                TLanes first = TLanes.AddProducts(SuperBlock.Nibbles(packed, part), x, TLanes.Zero);
                TLanes products = TLanes.AddProducts(SuperBlock.Nibbles(packed + 16, part), x + 16, first);
                sums = TLanes.AddScaled(products, Vector128.CreateScalarUnsafe(scale * s), sums);
                minimums -= minimum * m * *groupSums;
            }
        }
        return TLanes.Sum(sums) + minimums;
    }
}

internal readonly unsafe struct Q6KDot<TLanes> : IRowDot
    where TLanes : struct, ILanes<TLanes>
{
    public static float Dot(byte* row, float* x, float* groupSums, int columns)
    {
        TLanes sums = TLanes.Zero;
        for (float* end = x + columns; x < end; row += 210)
        {
            float scale = (float)*(Half*)(row + 208);
            for (int part = 0; part < 16; part++, x += 16)
            {
                int half = part / 8, group = part % 8 / 2, i = part % 2 * 16;
                Vector128<byte> low = SuperBlock.Nibbles(row + half * 64 + group % 2 * 32 + i, group / 2).AsByte();
                Vector128<byte> pairs = Vector128.Load(row + 128 + half * 32 + i);
                Vector128<byte> high = ((pairs.AsUInt16() >>> (2 * group)).AsByte() & Vector128.Create((byte)3)) << 4;
                TLanes products = TLanes.AddProducts((low | high).AsSByte() - Vector128.Create((sbyte)32), x, TLanes.Zero);
                sums = TLanes.AddScaled(products, Vector128.CreateScalarUnsafe(scale * (sbyte)row[192 + part]), sums);
            }
        }
        return TLanes.Sum(sums);
    }
}

internal static unsafe class SuperBlock
{
    /// <summary>The low halves of 16 bytes where <paramref name="which"/> is even, the high ones where it is odd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Nibbles(byte* packed, int which) =>
        ((Vector128.Load(packed).AsUInt16() >>> (which % 2 * 4)).AsByte() & Vector128.Create((byte)0x0F)).AsSByte();
}
