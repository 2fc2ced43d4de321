using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RetrievalAttention.Models.Decoding;

// Formats with one scale for 32 numbers. Layouts: see Dequantizer.

internal readonly unsafe struct Q40Dot<TLanes> : IRowDot
    where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(byte* row, float* x, float* groupSums, int columns)
    {
        TLanes sums = TLanes.Zero;
        for (float* end = x + columns; x < end; x += 32, row += 18)
            sums = TLanes.AddScaled(TLanes.NibbleProducts(row + 2, -8, x), StoredScale.Load4(row), sums);
        return TLanes.Sum(sums);
    }
}

internal readonly unsafe struct Q41Dot<TLanes> : IRowDot
    where TLanes : struct, ILanes<TLanes>
{
    // Σ (d·q + m)·x = d·Σ q·x + m·Σ x
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(byte* row, float* x, float* groupSums, int columns)
    {
        TLanes sums = TLanes.Zero;
        Vector128<float> minimums = Vector128<float>.Zero;
        for (float* end = x + columns; x < end; x += 32, row += 20, groupSums++)
        {
            Vector128<float> scaleAndMinimum = StoredScale.Load4(row);
            sums = TLanes.AddScaled(TLanes.NibbleProducts(row + 4, 0, x), scaleAndMinimum, sums);
            minimums = Vector128.FusedMultiplyAdd(scaleAndMinimum, Vector128.Create(*groupSums), minimums);
        }
        return TLanes.Sum(sums) + minimums.GetElement(1);
    }
}

internal readonly unsafe struct Q80Dot<TLanes> : IRowDot
    where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(byte* row, float* x, float* groupSums, int columns)
    {
        TLanes sums = TLanes.Zero;
        for (float* end = x + columns; x < end; x += 32, row += 34)
        {
            TLanes first = TLanes.AddProducts(Vector128.Load((sbyte*)row + 2), x, TLanes.Zero);
            TLanes part = TLanes.AddProducts(Vector128.Load((sbyte*)row + 18), x + 16, first);
            sums = TLanes.AddScaled(part, StoredScale.Load4(row), sums);
        }
        return TLanes.Sum(sums);
    }
}
