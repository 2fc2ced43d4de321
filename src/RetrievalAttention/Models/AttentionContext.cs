using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>
/// What the attention layers can look at before the tokens of a call: keys and values of every layer, packed, so that a token's position is its
/// index. It begins with whatever was loaded (header, blocks of memory) and grows by what is read or generated after it: one
/// softmax covers all of it.
/// </summary>
public sealed class AttentionContext : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly LayerMemory[]? _memory;

    /// <param name="capacity">Most tokens that it can hold.</param>
    public AttentionContext(DecoderConfig config, int capacity, Device device, ScalarType type)
    {
        (Capacity, Type) = (capacity, type);
        Tensor Make() => empty([config.KvHeads, capacity, config.HeadSize], type, device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
        if (device.type == DeviceType.CPU && type == float32) _memory = [.. _keys.Zip(_values, MemoryOf)];
    }

    /// <summary>Float32 on the CPU, so that <see cref="Memory"/> can be had.</summary>
    public bool IsPlainMemory => _memory is not null;

    public int Capacity { get; }

    /// <summary>Of keys and values.</summary>
    public ScalarType Type { get; }

    /// <summary>Tokens that are there; also the position of the next one.</summary>
    public int Length { get; private set; }

    /// <summary>Rows that came out of a memory, as one range; empty where there are none.</summary>
    public (int Start, int End) Remembered { get; private set; }

    /// <summary>Weigh the remembered rows against the rest; null for the plain model.</summary>
    public HeadGates? Gates { get; set; }

    /// <summary>Of queries that have remembered rows in sight; null for the plain model.</summary>
    internal QueryAdapters? QueryAdapters => Remembered.Start < Remembered.End ? Gates?.Adapters : null;

    /// <summary>Rotated keys of a layer, [G, Length + pending, D]: a view, to be disposed by the caller.</summary>
    public Tensor Keys(int layer, int pending = 0) => _keys[layer].narrow(1, 0, Length + pending);

    /// <summary>Values of a layer, [G, Length + pending, D]: a view, to be disposed by the caller.</summary>
    public Tensor Values(int layer, int pending = 0) => _values[layer].narrow(1, 0, Length + pending);

    /// <summary>Writes rotated keys and values [G, T, D] of one layer behind what is there. Call <see cref="Advance"/> once all layers are written.</summary>
    public void Write(int layer, Tensor keys, Tensor values)
    {
        long tokens = keys.shape[1];
        EnsureRoom(tokens);
        using Tensor keyRows = _keys[layer].narrow(1, Length, tokens);
        using Tensor valueRows = _values[layer].narrow(1, Length, tokens);
        keyRows.copy_(keys);
        valueRows.copy_(values);
    }

    /// <summary>Where keys and values of a layer stand in memory: each [G, Capacity, D] in float32, of which the first <see cref="Length"/> of each group are there.</summary>
    internal LayerMemory Memory(int layer) =>
        (_memory ?? throw new InvalidOperationException("Only a float32 context on the CPU can be read without libtorch."))[layer];

    private static unsafe LayerMemory MemoryOf(Tensor keys, Tensor values) => new(TensorReader.FirstNumber(keys), TensorReader.FirstNumber(values));

    internal void EnsureRoom(long tokens)
    {
        if (Length + tokens > Capacity)
        {
            throw new InvalidOperationException($"The attention context holds {Capacity} tokens; {Length} are there and {tokens} were to be added.");
        }
    }

    public void Advance(int tokens) => Length += tokens;

    /// <summary>Notes that the last tokens came out of a memory. Where they are weighed by <see cref="Gates"/>, they have to follow what was noted before.</summary>
    public void Remember(int tokens)
    {
        bool first = Remembered.Start == Remembered.End;
        if (Gates is not null && !first && Remembered.End != Length - tokens)
            throw new InvalidOperationException($"Gates weigh one range of remembered rows: {Remembered.Start} to {Remembered.End} was one, and {tokens} rows before {Length} do not follow it.");
        Remembered = (first ? Length - tokens : Remembered.Start, Length);
    }

    /// <summary>Forgets everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        Remembered = (Math.Min(Remembered.Start, length), Math.Min(Remembered.End, length));
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values)) tensor.Dispose();
    }
}

/// <param name="keys">Rotated.</param>
internal readonly unsafe struct LayerMemory(float* keys, float* values)
{
    public float* Keys => keys;

    public float* Values => values;
}
