using System.Runtime.InteropServices;

namespace RetrievalAttention.Models.Decoding;

/// <summary>
/// A matrix [Rows, Columns] multiplied in the format in which it is stored: in place in the mapped file where there are products for its format, and
/// otherwise from a copy as Q8_0 (int8 with a float16 scale per 32 numbers).
/// </summary>
internal sealed unsafe class WeightMatrix : IDisposable
{
    private readonly StoredRows _rows;
    private readonly RowProducts _products;
    private void* _copy;

    /// <param name="tensor">Must outlive the matrix.</param>
    public WeightMatrix(WeightTensor tensor, InstructionLevel level)
    {
        (Rows, Columns) = (checked((int)tensor.Rows), checked((int)tensor.Columns));
        if (RowProductsOf.IsNative(tensor.Type))
        {
            Format = tensor.Type;
            int[]? order = tensor.Contiguous ? null : [.. Enumerable.Range(0, Rows).Select(row => (int)tensor.StoredRow(row))];

            // The file is mapped, so the address stays.
            fixed (byte* start = tensor.Row(0)) _rows = new StoredRows(start - tensor.StoredRow(0) * tensor.RowBytes, tensor.RowBytes, order, Columns);
        }
        else
        {
            Format = WeightType.Q8_0;
            int padded = (Columns + 31) / 32 * 32;
            int rowBytes = padded / Format.BlockLength() * Format.BlockBytes();
            _copy = NativeMemory.AlignedAlloc((nuint)rowBytes * (nuint)Rows, 64);
            _rows = new StoredRows((byte*)_copy, rowBytes, null, padded);
            CopiedBytes = (long)rowBytes * Rows;
            Quantise(tensor, rowBytes, padded);
        }
        BytesRead = CopiedBytes > 0 ? CopiedBytes : Rows * (long)tensor.RowBytes;
        _products = RowProductsOf.Format(Format, level);
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The format that is multiplied.</summary>
    public WeightType Format { get; }

    /// <summary>Bytes read for one product.</summary>
    public long BytesRead { get; }

    /// <summary>Memory of its own; 0 when it is read in place.</summary>
    public long CopiedBytes { get; }

    /// <summary>y[first..first + count] of y = W x.</summary>
    /// <param name="y">Where the result of row 0 goes.</param>
    public void Multiply(Activation x, float* y, int first, int count) => _products(_rows, x.Start, x.GroupSums, y, first, count);

    private void Quantise(WeightTensor tensor, int rowBytes, int padded)
    {
        byte* copy = (byte*)_copy;
        Parallel.For(0, Rows, () => new float[padded], (row, _, numbers) =>
        {
            Dequantizer.Dequantize(tensor.Type, tensor.Row(row), numbers.AsSpan(0, Columns));
            Q8Quantizer.Quantise(numbers, new Span<byte>(copy + (long)row * rowBytes, rowBytes));
            return numbers;
        }, _ => { });
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_copy);
        _copy = null;
    }
}
