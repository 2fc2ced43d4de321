using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>How keys and values are stored in a memory file. Section "Memory" of appsettings.json.</summary>
public enum MemoryFormat
{
    /// <summary>2 bytes a number.</summary>
    Float16,

    /// <summary>1 byte a number: keys with a scale per channel and block, values with a scale per token.</summary>
    Int8,

    /// <summary>Half a byte a number: minimum and step per key channel and block, and per group of 32 value channels of a token.</summary>
    Int4,

    /// <summary>Only the keys of the retrieval heads, 2 bytes a number: blocks can be found, and are read as text. Reading stops at the last of these heads.</summary>
    Keys,
}

/// <summary>What of a model decides the size of its keys and values.</summary>
/// <param name="Kept">Key/value heads whose keys <see cref="MemoryFormat.Keys"/> keeps; other formats keep all.</param>
public readonly record struct KvShape(int Layers, int KvHeads, int HeadSize, IReadOnlyList<(int Layer, int Group)>? Kept = null)
{
    public static KvShape Of(DecoderConfig config) => new(config.Layers, config.KvHeads, config.HeadSize);

    public static KvShape Of(MemoryFingerprint fingerprint) => new(fingerprint.Layers, fingerprint.KvHeads, fingerprint.HeadSize, fingerprint.KeptHeads);
}

/// <summary>One part of an encoded block.</summary>
/// <param name="Shape">Of one block.</param>
public sealed record KvSegment(ScalarType Type, long[] Shape)
{
    public int Bytes => checked((int)Shape.Aggregate(Type == ScalarType.Float16 ? 2L : 1L, (product, size) => product * size));
}

/// <summary>
/// Turns keys and values of whole blocks into bytes and back, in tensor operations, so on any device. Block size is 64 tokens; the tensors are
/// [n, L, G, 64, D] for n blocks. Follows KIVI (Liu et al. 2024) in quantising keys along channels and values along tokens.
/// </summary>
public abstract class KvCodec(KvShape shape)
{
    public const int BlockTokens = 64;

    protected long Layers => shape.Layers;

    protected long Groups => shape.KvHeads;

    protected long HeadSize => shape.HeadSize;

    public abstract MemoryFormat Format { get; }

    /// <summary>Parts of a block in the order in which they stand in the file.</summary>
    public abstract IReadOnlyList<KvSegment> Segments { get; }

    /// <summary>How many of them, from the first, hold keys.</summary>
    protected abstract int KeySegmentCount { get; }

    public IReadOnlyList<KvSegment> KeySegments => [.. Segments.Take(KeySegmentCount)];

    /// <summary>Everything is kept, so that blocks can be attended to; otherwise they can only be found.</summary>
    public virtual bool HoldsAll => true;

    /// <summary>Layers that have to run before what is kept is known, L'.</summary>
    public virtual int LayersRead => shape.Layers;

    /// <summary>Where the keys of one key/value head stand among all that a segment holds, and how many those are.</summary>
    public virtual (int Index, int Count) KeyPart(int layer, int group) => (layer * shape.KvHeads + group, shape.Layers * shape.KvHeads);

    public int BytesPerBlock => Segments.Sum(segment => segment.Bytes);

    public static KvCodec For(MemoryFormat format, KvShape shape) => format switch
    {
        MemoryFormat.Float16 => new Float16Codec(shape),
        MemoryFormat.Int8 => new Int8Codec(shape),
        MemoryFormat.Int4 => new Int4Codec(shape),
        MemoryFormat.Keys => new KeysCodec(shape),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown memory format."),
    };

    /// <summary>Keys and values [n, L, G, 64, D] to one tensor a segment, each with n as its first dimension. The caller owns them.</summary>
    public abstract Tensor[] Encode(Tensor keys, Tensor values);

    /// <summary>The reverse: segments to keys and values [n, L, G, 64, D] in float32. The caller owns them.</summary>
    public (Tensor Keys, Tensor Values) Decode(IReadOnlyList<Tensor> segments) =>
        (DecodeKeys([.. segments.Take(KeySegmentCount)]), DecodeValues([.. segments.Skip(KeySegmentCount)]));

    /// <summary>Key segments to keys in float32; also of some layers and groups only. The caller owns them.</summary>
    public abstract Tensor DecodeKeys(IReadOnlyList<Tensor> segments);

    protected abstract Tensor DecodeValues(IReadOnlyList<Tensor> segments);

    /// <summary>What a reader of the file will see: encode and decode.</summary>
    public (Tensor Keys, Tensor Values) RoundTrip(Tensor keys, Tensor values)
    {
        Tensor[] encoded = Encode(keys, values);
        (Tensor Keys, Tensor Values) decoded = Decode(encoded);
        foreach (Tensor tensor in encoded) tensor.Dispose();
        return decoded;
    }

    protected long[] Full => [Layers, Groups, BlockTokens, HeadSize];
}

/// <summary>A number x comes back within |x| / 2048 + 2^-25.</summary>
internal sealed class Float16Codec(KvShape shape) : KvCodec(shape)
{
    public override MemoryFormat Format => MemoryFormat.Float16;

    protected override int KeySegmentCount => 1;

    public override IReadOnlyList<KvSegment> Segments => [new(float16, Full), new(float16, Full)];

    public override Tensor[] Encode(Tensor keys, Tensor values) => [keys.to(float16), values.to(float16)];

    public override Tensor DecodeKeys(IReadOnlyList<Tensor> segments) => segments[0].to(float32);

    protected override Tensor DecodeValues(IReadOnlyList<Tensor> segments) => segments[0].to(float32);
}

/// <summary>Keys of some heads as float16, and nothing else.</summary>
internal sealed class KeysCodec(KvShape shape) : KvCodec(shape)
{
    private readonly IReadOnlyList<(int Layer, int Group)> _kept = shape.Kept ?? throw new ArgumentException("The format keys needs to know which heads are kept.", nameof(shape));

    public override MemoryFormat Format => MemoryFormat.Keys;

    protected override int KeySegmentCount => 1;

    public override bool HoldsAll => false;

    public override int LayersRead => _kept.Max(head => head.Layer) + 1;

    public override IReadOnlyList<KvSegment> Segments => [new(float16, [_kept.Count, 1, BlockTokens, HeadSize])];

    public override (int Index, int Count) KeyPart(int layer, int group)
    {
        int index = _kept.ToList().IndexOf((layer, group));
        return index >= 0 ? (index, _kept.Count) : throw new ArgumentException($"The keys of head {group} in layer {layer} are not kept.", nameof(layer));
    }

    /// <param name="keys">[n, L', G, 64, D] or more layers.</param>
    /// <param name="values">Not kept.</param>
    public override Tensor[] Encode(Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        return [stack([.. _kept.Select(head => keys.select(1, head.Layer).narrow(1, head.Group, 1))], 1).to(float16).MoveToOuterDisposeScope()];
    }

    /// <summary>[n, S, 1, 64, D] for the S heads that are kept.</summary>
    public override Tensor DecodeKeys(IReadOnlyList<Tensor> segments) => segments[0].to(float32);

    protected override Tensor DecodeValues(IReadOnlyList<Tensor> segments) => throw new InvalidOperationException("The format keys holds no values.");
}

/// <summary>A number comes back within 0.51 scales and 4e-6, where the scale is the largest absolute value of its channel and block (keys) or token (values), by 127.</summary>
internal sealed class Int8Codec(KvShape shape) : KvCodec(shape)
{
    private const float Largest = 127;

    public override MemoryFormat Format => MemoryFormat.Int8;

    protected override int KeySegmentCount => 2;

    public override IReadOnlyList<KvSegment> Segments =>
    [
        new(int8, Full), new(float16, [Layers, Groups, 1, HeadSize]),
        new(int8, Full), new(float16, [Layers, Groups, BlockTokens, 1]),
    ];

    public override Tensor[] Encode(Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        (Tensor keyCodes, Tensor keyScales) = Quantize(keys, along: 3);
        (Tensor valueCodes, Tensor valueScales) = Quantize(values, along: 4);
        Tensor[] encoded = [keyCodes, keyScales, valueCodes, valueScales];
        foreach (Tensor tensor in encoded) tensor.MoveToOuterDisposeScope();
        return encoded;
    }

    public override Tensor DecodeKeys(IReadOnlyList<Tensor> segments) => Scaled(segments[0], segments[1]);

    protected override Tensor DecodeValues(IReadOnlyList<Tensor> segments) => Scaled(segments[0], segments[1]);

    private static Tensor Scaled(Tensor codes, Tensor scales)
    {
        using Tensor wide = scales.to(float32);
        return codes.to(float32).mul_(wide);
    }

    private static (Tensor Codes, Tensor Scales) Quantize(Tensor x, int along)
    {
        Tensor wide = x.to(float32);

        // The scale is rounded to float16 before use, so that codes match what a reader multiplies them with.
        Tensor scales = wide.abs().amax([along], keepdim: true).div_(Scalars.Number(Largest)).clamp_(min: Scalars.Number(1e-7)).to(float16);
        Tensor codes = wide.div(scales.to(float32)).round_().clamp_(Scalars.Number(-Largest), Scalars.Number(Largest)).to(int8);
        return (codes, scales);
    }
}

/// <summary>A number comes back within 0.51 steps, 1/1024 of the group's largest absolute value and 1e-6, where the step is the group's range by 15.</summary>
internal sealed class Int4Codec(KvShape shape) : KvCodec(shape)
{
    private const float Largest = 15;
    private const long ValueGroup = 32;

    public override MemoryFormat Format => MemoryFormat.Int4;

    protected override int KeySegmentCount => 3;

    private long ValueGroups => HeadSize / Math.Min(ValueGroup, HeadSize);

    public override IReadOnlyList<KvSegment> Segments =>
    [
        new(uint8, [Layers, Groups, BlockTokens / 2, HeadSize]), new(float16, [Layers, Groups, 1, HeadSize]), new(float16, [Layers, Groups, 1, HeadSize]),
        new(uint8, [Layers, Groups, BlockTokens / 2, HeadSize]), new(float16, [Layers, Groups, BlockTokens, ValueGroups, 1]), new(float16, [Layers, Groups, BlockTokens, ValueGroups, 1]),
    ];

    public override Tensor[] Encode(Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        (Tensor keyCodes, Tensor keyMinima, Tensor keySteps) = Quantize(keys, along: 3);
        (Tensor valueCodes, Tensor valueMinima, Tensor valueSteps) = Quantize(values.view([.. values.shape[..4], ValueGroups, -1]), along: 5);
        Tensor[] encoded = [Pack(keyCodes), keyMinima, keySteps, Pack(valueCodes.view(values.shape)), valueMinima, valueSteps];
        foreach (Tensor tensor in encoded) tensor.MoveToOuterDisposeScope();
        return encoded;
    }

    public override Tensor DecodeKeys(IReadOnlyList<Tensor> segments)
    {
        using var scope = NewDisposeScope();
        return Unpack(segments[0]).mul_(segments[2].to(float32)).add_(segments[1].to(float32), Scalars.One).MoveToOuterDisposeScope();
    }

    protected override Tensor DecodeValues(IReadOnlyList<Tensor> segments)
    {
        using var scope = NewDisposeScope();
        Tensor codes = Unpack(segments[0]);
        return codes.view([.. codes.shape[..4], ValueGroups, -1]).mul(segments[2].to(float32)).add_(segments[1].to(float32), Scalars.One).view(codes.shape).MoveToOuterDisposeScope();
    }

    private static (Tensor Codes, Tensor Minima, Tensor Steps) Quantize(Tensor x, int along)
    {
        Tensor wide = x.to(float32);
        Tensor minima = wide.amin([along], keepdim: true).to(float16);
        Tensor steps = wide.amax([along], keepdim: true).sub(minima.to(float32)).div_(Scalars.Number(Largest)).clamp_(min: Scalars.Number(1e-7)).to(float16);
        Tensor codes = wide.sub(minima.to(float32)).div_(steps.to(float32)).round_().clamp_(Scalars.Zero, Scalars.Number(Largest));
        return (codes, minima, steps);
    }

    /// <summary>The first 32 tokens of a block in the low halves of the bytes, the last 32 in the high halves.</summary>
    private static Tensor Pack(Tensor codes) =>
        codes.narrow(3, 0, BlockTokens / 2).add(codes.narrow(3, BlockTokens / 2, BlockTokens / 2), Scalars.Integer(16)).to(uint8);

    private static Tensor Unpack(Tensor packed)
    {
        Tensor high = packed.div(Scalars.Integer(16), RoundingMode.floor);
        return cat([packed.sub(high.mul(Scalars.Integer(16))).to(float32), high.to(float32)], 3);
    }
}
