namespace RetrievalAttention.Models.Decoding;

/// <summary>y = W x, where W may be several matrices one below the other (q, k, v; gate, up), which need not have the same format.</summary>
internal sealed unsafe class MatrixProduct(IReadOnlyList<WeightMatrix> parts, Activation input, float[] pinnedResult) : IRangeWork
{
    private readonly WeightMatrix[] _parts = [.. parts];
    private readonly float* _result = (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinnedResult[0]);

    public int Rows { get; } = parts.Sum(part => part.Rows);

    public void Run(int first, int count)
    {
        int start = 0;
        foreach (WeightMatrix part in _parts)
        {
            int from = Math.Max(first, start), to = Math.Min(first + count, start + part.Rows);
            if (from < to) part.Multiply(input, _result + start, from - start, to - from);
            start += part.Rows;
        }
    }
}
