using System.Numerics.Tensors;

namespace RetrievalAttention.Indexing;

/// <summary>
/// Rows of float16 numbers: first those of a mapped file, then those added since, in blocks. A row's number never changes.
/// </summary>
internal sealed unsafe class HalfRows(int dimensions, VectorFile? file, long offset, int mapped)
{
    private const int RowsPerBlock = 1024;

    private readonly List<Half[]> _added = [];
    private int _addedRows;

    public int Count => mapped + _addedRows;

    public int Dimensions => dimensions;

    /// <returns>Its number.</returns>
    public int Add(ReadOnlySpan<float> row)
    {
        if (_addedRows % RowsPerBlock == 0) _added.Add(new Half[RowsPerBlock * dimensions]);
        TensorPrimitives.ConvertToHalf(row, _added[^1].AsSpan(_addedRows % RowsPerBlock * dimensions, dimensions));
        return mapped + _addedRows++;
    }

    /// <summary>Ranges of rows that lie together in memory and divide all rows.</summary>
    public IEnumerable<(int First, int Count)> Blocks()
    {
        for (int first = 0; first < mapped; first += RowsPerBlock) yield return (first, Math.Min(RowsPerBlock, mapped - first));
        for (int first = mapped; first < Count; first += RowsPerBlock) yield return (first, Math.Min(RowsPerBlock, Count - first));
    }

    /// <summary>Rows of one block.</summary>
    public ReadOnlySpan<Half> Rows(int first, int count)
    {
        if (first < mapped) return new ReadOnlySpan<Half>((Half*)(file!.Content + offset) + (long)first * dimensions, count * dimensions);
        (int block, int row) = Math.DivRem(first - mapped, RowsPerBlock);
        return _added[block].AsSpan(row * dimensions, count * dimensions);
    }

    public float[] Row(int number)
    {
        float[] row = new float[dimensions];
        TensorPrimitives.ConvertToSingle(Rows(number, 1), row);
        return row;
    }
}
