using System.Numerics.Tensors;

namespace RetrievalAttention.Indexing;

/// <summary>Scan with the processor's vector instructions, on all cores; reads rows where they are.</summary>
internal sealed class ProcessorScan : IRowScan
{
    /// <summary>Rows converted to float32 at once, so that they stay in the nearest cache.</summary>
    private const int RowsAtOnce = 16;

    public IReadOnlyList<VectorMatch> Search(float[] query, int count, HalfRows rows, IReadOnlyList<long?> ids, Func<long, bool>? filter)
    {
        var all = new TopMatches(count);
        var merging = new Lock();
        Parallel.ForEach(
            rows.Blocks(),
            () => (Best: new TopMatches(count), Buffer: new float[RowsAtOnce * rows.Dimensions]),
            (block, _, local) =>
            {
                ScanBlock(query, block.First, block.Count, rows, ids, filter, local.Best, local.Buffer);
                return local;
            },
            local =>
            {
                lock (merging) all.Merge(local.Best);
            });
        return all.Sorted();
    }

    public void Invalidate()
    {
    }

    public void Dispose()
    {
    }

    private static void ScanBlock(
        float[] query, int first, int count, HalfRows rows, IReadOnlyList<long?> ids, Func<long, bool>? filter, TopMatches best, float[] buffer)
    {
        ReadOnlySpan<Half> block = rows.Rows(first, count);
        for (int start = 0; start < count; start += RowsAtOnce)
        {
            int some = Math.Min(RowsAtOnce, count - start);
            Span<float> numbers = buffer.AsSpan(0, some * query.Length);
            TensorPrimitives.ConvertToSingle(block.Slice(start * query.Length, numbers.Length), numbers);
            for (int i = 0; i < some; i++)
            {
                float score = TensorPrimitives.Dot(query, numbers.Slice(i * query.Length, query.Length));
                if (score >= best.Threshold && ids[first + start + i] is { } id && filter?.Invoke(id) != false) best.Offer(id, score);
            }
        }
    }
}
