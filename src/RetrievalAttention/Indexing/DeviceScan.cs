using System.Runtime.InteropServices;
using TorchSharp;

namespace RetrievalAttention.Indexing;

/// <summary>Scan by libtorch on its device, where all rows are kept: in float16 on a GPU, in float32 on the processor.</summary>
internal sealed class DeviceScan(torch.Device device) : IRowScan
{
    private readonly Lock _copying = new();
    private torch.Tensor? _rows;

    public IReadOnlyList<VectorMatch> Search(float[] query, int count, HalfRows rows, IReadOnlyList<long?> ids, Func<long, bool>? filter)
    {
        long[] allowed = [.. Enumerable.Range(0, rows.Count).Where(row => ids[row] is { } id && filter?.Invoke(id) != false).Select(row => (long)row)];
        if (allowed.Length == 0 || count == 0) return [];
        using IDisposable noGradients = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor all = OnDevice(rows);
        torch.Tensor scores = all.mv(torch.tensor(query, device: device).to(all.dtype));
        if (allowed.Length < rows.Count) scores = scores.index_select(0, torch.tensor(allowed, device: device));
        (torch.Tensor values, torch.Tensor places) = scores.to(torch.ScalarType.Float32).topk(Math.Min(count, allowed.Length), 0);
        float[] best = values.cpu().data<float>().ToArray();
        long[] at = places.cpu().data<long>().ToArray();
        var matches = new TopMatches(count);
        for (int i = 0; i < best.Length; i++) matches.Offer(ids[(int)allowed[at[i]]]!.Value, best[i]);
        return matches.Sorted();
    }

    public void Invalidate()
    {
        lock (_copying)
        {
            _rows?.Dispose();
            _rows = null;
        }
    }

    public void Dispose() => Invalidate();

    /// <returns>[N, E].</returns>
    private torch.Tensor OnDevice(HalfRows rows)
    {
        lock (_copying)
        {
            if (_rows is not null) return _rows;
            torch.Tensor all = torch.empty([rows.Count, rows.Dimensions], device.type == DeviceType.CPU ? torch.ScalarType.Float32 : torch.ScalarType.Float16, device);
            foreach ((int first, int count) in rows.Blocks())
            {
                using torch.Tensor block = torch.empty([count, rows.Dimensions], torch.ScalarType.Float16);
                MemoryMarshal.AsBytes(rows.Rows(first, count)).CopyTo(block.bytes);
                using torch.Tensor target = all.narrow(0, first, count);
                target.copy_(block);
            }
            return _rows = all.DetachFromDisposeScope();
        }
    }
}
