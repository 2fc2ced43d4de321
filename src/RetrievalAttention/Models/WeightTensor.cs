namespace RetrievalAttention.Models;

/// <summary>
/// A tensor as it stands in the file. <see cref="Row"/> gives the stored bytes, so that a product with quantised weights can read them
/// where they are. Valid until the model is disposed.
/// </summary>
public sealed class WeightTensor
{
    private readonly MappedFile _file;
    private readonly long _offset;
    private readonly int _interleavedHeads;

    /// <param name="interleavedHeads">
    /// 0, or the number of heads when the file keeps the rotary pairs of each head side by side (llama.cpp's convention for "llama");
    /// rows are then handed out in the "half" order that <see cref="DecoderConfig.RopeFrequencies"/> describes.
    /// </param>
    internal WeightTensor(string name, MappedFile file, long offset, WeightType type, IReadOnlyList<long> shape, int interleavedHeads)
    {
        (Name, Type, Shape) = (name, type, shape);
        (_file, _offset, _interleavedHeads) = (file, offset, interleavedHeads);
        bool vector = shape.Count == 1;
        Rows = shape[0];
        Columns = 1;
        for (int i = 1; i < shape.Count; i++)
            Columns *= shape[i];
        if (vector && type.BlockLength() > 1)
            (Rows, Columns) = (1, shape[0]);
        RowBytes = checked((int)(Columns / type.BlockLength() * type.BlockBytes()));
    }

    /// <summary>Hugging Face name.</summary>
    public string Name { get; }

    public WeightType Type { get; }

    /// <summary>As in PyTorch: [out, in] for projections.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The first dimension; an unquantised vector has one number a row.</summary>
    public long Rows { get; }

    public long Columns { get; }

    public int RowBytes { get; }

    internal string Path => _file.Path;

    /// <summary>Rows follow each other in the file in the order in which they are handed out.</summary>
    internal bool Contiguous => _interleavedHeads == 0;

    /// <summary>The stored bytes of one row.</summary>
    public ReadOnlySpan<byte> Row(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return _file.Span(_offset + StoredRow(row) * RowBytes, RowBytes);
    }

    /// <summary>The stored bytes of consecutive rows of a contiguous tensor.</summary>
    internal ReadOnlySpan<byte> ContiguousRows(long first, int count) => _file.Span(_offset + first * RowBytes, count * RowBytes);

    // llama.cpp's converter reshapes [H, 2, D/2] to [H, D/2, 2] (convert_hf_to_gguf.py, LlamaModel.permute); this is the way back.
    internal long StoredRow(long row)
    {
        if (_interleavedHeads == 0)
            return row;
        long headSize = Rows / _interleavedHeads, half = headSize / 2;
        (long head, long inside) = Math.DivRem(row, headSize);
        return head * headSize + 2 * (inside % half) + inside / half;
    }
}
