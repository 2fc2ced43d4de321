using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RetrievalAttention.Memory.Scanning;

/// <summary>
/// One block of a retrieval index.
/// <code>
/// int32 block, int32 tokens, int32 start, int32 end      the characters of the text that it covers
/// uint64 XXH3 of the rest, with the block's number as seed, then zeros   64 bytes in all
/// for each source: D float32 steps, D float32 middles, then keys as int8 codes [D, 64]: one dimension of all tokens beside each other
/// </code>
/// A number is middle + step · code. Some dimensions of keys lie far from zero, nearly constant: a scale alone would spend most codes on what never occurs.
/// </summary>
/// <param name="Sources">Key/value heads whose keys are kept.</param>
/// <param name="HeadSize">D.</param>
internal readonly record struct IndexLayout(int Sources, int HeadSize)
{
    private const int Head = 64;
    private const int Codes = 255;
    private const int Zero = 128;
    private const int Checked = 24;

    public int RecordBytes => (Head + Sources * SourceBytes + 63) / 64 * 64;

    private int SourceBytes => HeadSize * (2 * sizeof(float) + KvCodec.BlockTokens);

    public int StepsAt(int source) => Head + source * SourceBytes;

    public int MiddlesAt(int source) => StepsAt(source) + HeadSize * sizeof(float);

    public int CodesAt(int source) => MiddlesAt(source) + HeadSize * sizeof(float);

    /// <summary>Writes keys of a source, [64, D], each dimension from its least to its largest number in 255 steps.</summary>
    public void WriteKeys(Span<byte> record, int source, ReadOnlySpan<float> keys)
    {
        Span<float> steps = MemoryMarshal.Cast<byte, float>(record.Slice(StepsAt(source), HeadSize * sizeof(float)));
        Span<float> middles = MemoryMarshal.Cast<byte, float>(record.Slice(MiddlesAt(source), HeadSize * sizeof(float)));
        Span<sbyte> codes = MemoryMarshal.Cast<byte, sbyte>(record.Slice(CodesAt(source), HeadSize * KvCodec.BlockTokens));
        for (int i = 0; i < HeadSize; i++)
        {
            (float least, float largest) = (float.PositiveInfinity, float.NegativeInfinity);
            for (int at = i; at < keys.Length; at += HeadSize) (least, largest) = (Math.Min(least, keys[at]), Math.Max(largest, keys[at]));
            float step = (largest - least) / Codes, inverse = step > 0 ? 1 / step : 0;
            (steps[i], middles[i]) = (step, least + Zero * step);
            for (int token = 0; token < KvCodec.BlockTokens; token++)
                codes[i * KvCodec.BlockTokens + token] = (sbyte)(Math.Clamp(MathF.Round((keys[token * HeadSize + i] - least) * inverse), 0, Codes) - Zero);
        }
    }

    /// <summary>One number of a key, as it is stored.</summary>
    public float Key(ReadOnlySpan<byte> record, int source, int dimension, int token) =>
        MemoryMarshal.Read<float>(record[(MiddlesAt(source) + dimension * sizeof(float))..])
        + MemoryMarshal.Read<float>(record[(StepsAt(source) + dimension * sizeof(float))..]) * (sbyte)record[CodesAt(source) + dimension * KvCodec.BlockTokens + token];

    /// <summary>Call last.</summary>
    public void Seal(Span<byte> record, int block, int tokens, int start, int end)
    {
        Span<int> head = MemoryMarshal.Cast<byte, int>(record[..16]);
        (head[0], head[1], head[2], head[3]) = (block, tokens, start, end);
        MemoryMarshal.Write(record[16..], Checksum(record));
    }

    public bool IsSound(ReadOnlySpan<byte> record, int block) =>
        MemoryMarshal.Read<int>(record) == block && MemoryMarshal.Read<ulong>(record[16..]) == Checksum(record);

    public static int Tokens(ReadOnlySpan<byte> record) => MemoryMarshal.Read<int>(record[4..]);

    public static (int Start, int End) TextRange(ReadOnlySpan<byte> record) => (MemoryMarshal.Read<int>(record[8..]), MemoryMarshal.Read<int>(record[12..]));

    // The head is the seed, but for the checksum itself.
    private ulong Checksum(ReadOnlySpan<byte> record) =>
        XxHash3.HashToUInt64(record[Checked..RecordBytes], MemoryMarshal.Read<long>(record) ^ long.RotateLeft(MemoryMarshal.Read<long>(record[8..]), 1));
}
