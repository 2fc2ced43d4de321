using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory.OnDevice;

/// <summary>
/// Blocks of a memory file in the memory of a device, each from its first use on: what is asked about again does not cross to the device again. Where not all fit, the one that
/// was not used for longest makes room. Safe for several threads.
/// </summary>
internal sealed class DeviceBlocks(MemoryFile file, Device device, DevicePlan plan) : IDisposable
{
    private readonly KvCodec _codec = KvCodec.For(plan.Format, KvShape.Of(file.Fingerprint));
    private readonly Dictionary<int, (Tensor[] Segments, long Used)> _kept = [];
    private readonly Lock _reading = new();
    private long _uses;

    /// <summary>Blocks that are there.</summary>
    public int Count => _kept.Count;

    /// <summary>Keys and values of blocks as [n, L, G, 64, D] in float32 on the device. The caller owns them.</summary>
    /// <exception cref="DamagedBlockException">A block that has to be fetched does not match its checksum.</exception>
    public (Tensor Keys, Tensor Values) Read(IReadOnlyList<int> blocks)
    {
        lock (_reading)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            Fetch([.. blocks.Distinct().Where(block => !_kept.ContainsKey(block))]);
            foreach (int block in blocks) _kept[block] = (_kept[block].Segments, ++_uses);
            (Tensor keys, Tensor values) = _codec.Decode([.. Enumerable.Range(0, _codec.Segments.Count).Select(segment => stack([.. blocks.Select(block => _kept[block].Segments[segment])], 0))]);
            while (_kept.Count > plan.Blocks) Drop(_kept.MinBy(kept => kept.Value.Used).Key);
            return (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
        }
    }

    public void Dispose()
    {
        foreach (int block in _kept.Keys.ToArray()) Drop(block);
    }

    private void Fetch(int[] blocks)
    {
        if (blocks.Length == 0) return;
        Tensor[] stored = [.. file.ReadStored(blocks).Select(segment => segment.to(device))];
        if (_codec.Format != file.Codec.Format)
        {
            (Tensor keys, Tensor values) = file.Codec.Decode(stored);
            stored = _codec.Encode(keys, values);
        }
        for (int i = 0; i < blocks.Length; i++) _kept[blocks[i]] = ([.. stored.Select(segment => segment[i].clone().DetachFromDisposeScope())], 0);
    }

    private void Drop(int block)
    {
        foreach (Tensor segment in _kept[block].Segments) segment.Dispose();
        _kept.Remove(block);
    }
}
