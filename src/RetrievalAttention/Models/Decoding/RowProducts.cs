using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace RetrievalAttention.Models.Decoding;

/// <summary>Rows of a matrix as they are stored.</summary>
internal unsafe readonly struct StoredRows(byte* start, long rowBytes, int[]? order, int columns)
{
    /// <summary>A multiple of the format's block, and of 32.</summary>
    public int Columns => columns;

    public byte* this[int row] => start + (order is null ? row : order[row]) * rowBytes;
}

/// <summary>y[row] = row · x for rows first to first + count.</summary>
/// <param name="x">[columns].</param>
/// <param name="y">Result of row 0.</param>
internal unsafe delegate void RowProducts(StoredRows rows, float* x, float* groupSums, float* y, int first, int count);

/// <summary>Which products there are for which format and processor.</summary>
internal static unsafe class RowProductsOf
{
    /// <summary>Formats that are multiplied where they stand; rows of others are first written as Q8_0.</summary>
    public static bool IsNative(WeightType type) =>
        type is WeightType.Q4_0 or WeightType.Q4_1 or WeightType.Q8_0 or WeightType.Q4_K or WeightType.Q6_K;

    public static RowProducts Format(WeightType type, InstructionLevel level) => level switch
    {
        InstructionLevel.Avx512 => With<Lanes512>(type),
        InstructionLevel.Avx2 => With<Lanes256>(type),
        _ => (rows, x, _, y, first, count) => DequantiseAndMultiply(type, rows, x, y, first, count),
    };

    private static RowProducts With<TLanes>(WeightType type)
        where TLanes : struct, ILanes<TLanes> => type switch
        {
            WeightType.Q4_0 => Multiply<Q40Dot<TLanes>>,
            WeightType.Q4_1 => Multiply<Q41Dot<TLanes>>,
            WeightType.Q8_0 => Multiply<Q80Dot<TLanes>>,
            WeightType.Q4_K => Multiply<Q4KDot<TLanes>>,
            WeightType.Q6_K => Multiply<Q6KDot<TLanes>>,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        };

    // Compiled in full at once: an answer is over before the runtime would have found these loops worth it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TDot>(StoredRows rows, float* x, float* groupSums, float* y, int first, int count)
        where TDot : struct, IRowDot
    {
        for (int row = first; row < first + count; row++) y[row] = TDot.Dot(rows[row], x, groupSums, rows.Columns);
    }

    private static void DequantiseAndMultiply(WeightType type, StoredRows rows, float* x, float* y, int first, int count)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(rows.Columns);
        Span<float> numbers = rented.AsSpan(0, rows.Columns);
        int bytes = rows.Columns / type.BlockLength() * type.BlockBytes();
        for (int row = first; row < first + count; row++)
        {
            Dequantizer.Dequantize(type, new ReadOnlySpan<byte>(rows[row], bytes), numbers);
            y[row] = TensorPrimitives.Dot(numbers, new ReadOnlySpan<float>(x, rows.Columns));
        }
        ArrayPool<float>.Shared.Return(rented);
    }
}
