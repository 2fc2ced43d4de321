using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using RetrievalAttention.Memory.OnDevice;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// Keys (before rotary embedding) and values of every layer for one document, append-only, in blocks of 64 tokens.
/// <code>
/// page 0    "RAMEMORY", int32 length, JSON fingerprint, XXH3 of the JSON             4096 bytes
/// record b  int32 magic, int32 b, int32 tokens, int32 reserved, uint64 XXH3 of the rest
///           64 × (int32 id, int32 start, int32 end), then the codec's segments       padded to 4096 bytes
/// </code>
/// A record is sealed by its checksum: what follows the last good record does not exist, so a process may be killed at any byte. One writer at a
/// time, kept out by an exclusive lock on the file's ".lock"; readers need none, and notice when the file is cut under them. Several threads may read a file that is complete; otherwise one at a time.
/// </summary>
public sealed class MemoryFile : IDisposable
{
    private const int PageSize = 4096;
    private const int RecordMagic = 0x4B4C4252;
    private const int RecordHead = 24;
    private const int TokenBytes = KvCodec.BlockTokens * 12;
    private static readonly byte[] Magic = "RAMEMORY"u8.ToArray();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Lock _mapping = new();
    private readonly FileStream _stream;
    private readonly int _recordBytes;
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private int _mappedBlocks;
    private DeviceBlocks? _onDevice;

    private MemoryFile(string path, FileStream stream, MemoryFingerprint fingerprint, KvCodec codec)
    {
        FilePath = path;
        _stream = stream;
        Fingerprint = fingerprint;
        Codec = codec;
        _recordBytes = RecordBytes(codec);
        Blocks = CountGoodRecords();
    }

    public string FilePath { get; }

    public MemoryFingerprint Fingerprint { get; }

    public KvCodec Codec { get; }

    /// <summary>Sealed blocks, B.</summary>
    public int Blocks { get; private set; }

    /// <summary>Tokens in them, N once <see cref="Complete"/>.</summary>
    public int Tokens => Math.Min(Blocks * KvCodec.BlockTokens, Fingerprint.Tokens);

    /// <summary>The whole document has been read.</summary>
    public bool Complete => Blocks == BlocksFor(Fingerprint.Tokens);

    public long Bytes => _stream.Length;

    /// <summary>Tokens of a block: 64, but for the last of the document.</summary>
    public int TokensOf(int block) => Math.Min(KvCodec.BlockTokens, Tokens - block * KvCodec.BlockTokens);

    public static int BlocksFor(int tokens) => (tokens + KvCodec.BlockTokens - 1) / KvCodec.BlockTokens;

    /// <summary>Size that a complete file will have, in bytes.</summary>
    public static long ExpectedBytes(KvCodec codec, int tokens) => PageSize + (long)BlocksFor(tokens) * RecordBytes(codec);

    /// <summary>Opens a file for reading, or creates or opens it for appending.</summary>
    /// <exception cref="ProblemException">It was made under other settings, by another version, or its head is damaged.</exception>
    public static MemoryFile Open(string path, MemoryFingerprint expected, bool write)
    {
        KvCodec codec = CodecOf(expected);
        FileStream stream = new(path, write ? FileMode.OpenOrCreate : FileMode.Open, write ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (write && stream.Length < PageSize) WriteHead(stream, expected);
            MemoryFingerprint made = ReadHead(path, stream);
            IReadOnlyList<string> differences = made.DifferencesFrom(expected);
            if (differences.Count > 0)
            {
                throw new ProblemException(ProblemKind.Index,
                    $"The memory {path} was made under other settings ({string.Join("; ", differences)}). Use those settings again, or read the document anew with --reread.");
            }
            return new MemoryFile(path, stream, made, codec);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Begins a new file, without a model.</summary>
    public static MemoryFile Create(string path, MemoryFingerprint fingerprint)
    {
        FileStream stream = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        WriteHead(stream, fingerprint);
        return new MemoryFile(path, stream, fingerprint, CodecOf(fingerprint));
    }

    /// <summary>Opens a file for reading as whatever it was made, without a model.</summary>
    /// <exception cref="ProblemException">It was made by another version, or its head is damaged.</exception>
    public static MemoryFile OpenAsMade(string path) => OpenAsMade(path, FileAccess.Read);

    /// <summary>Opens a file as whatever it was made, to cut it at damage.</summary>
    /// <inheritdoc cref="OpenAsMade(string)"/>
    public static MemoryFile OpenToRepair(string path) => OpenAsMade(path, FileAccess.ReadWrite);

    private static MemoryFile OpenAsMade(string path, FileAccess access)
    {
        FileStream stream = new(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            MemoryFingerprint made = ReadHead(path, stream);
            return new MemoryFile(path, stream, made, CodecOf(made));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The fingerprint of a file, whatever it was made with.</summary>
    /// <exception cref="ProblemException">Its head is damaged, or of another version.</exception>
    public static MemoryFingerprint ReadFingerprint(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return ReadHead(path, stream);
    }

    /// <summary>The fingerprint of a file, whatever it was made with; null when its head is damaged or of another version.</summary>
    public static MemoryFingerprint? FindFingerprint(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return FindHead(stream);
    }

    /// <summary>Appends the blocks of one step.</summary>
    /// <param name="tokens">1 to n·64 tokens; only a document's last block may be short.</param>
    /// <param name="segments">As <see cref="KvCodec.Encode"/> gave them, on any device, n blocks.</param>
    /// <exception cref="IOException">The disk is full, or the file larger than it may be; the file ends with the last whole record.</exception>
    public void Append(IReadOnlyList<TextToken> tokens, IReadOnlyList<Tensor> segments)
    {
        int blocks = BlocksFor(tokens.Count);
        using var scope = NewDisposeScope();
        Tensor[] onCpu = [.. segments.Select(segment => segment.cpu().contiguous())];
        byte[] records = new byte[blocks * (long)_recordBytes];
        for (int block = 0; block < blocks; block++)
        {
            Span<byte> record = records.AsSpan(block * _recordBytes, _recordBytes);
            Span<int> table = MemoryMarshal.Cast<byte, int>(record.Slice(RecordHead, TokenBytes));
            int count = Math.Min(KvCodec.BlockTokens, tokens.Count - block * KvCodec.BlockTokens);
            for (int i = 0; i < count; i++)
            {
                TextToken token = tokens[block * KvCodec.BlockTokens + i];
                (table[3 * i], table[3 * i + 1], table[3 * i + 2]) = (token.Id, token.Start, token.End);
            }
            int at = RecordHead + TokenBytes;
            for (int s = 0; s < onCpu.Length; s++)
            {
                int bytes = Codec.Segments[s].Bytes;
                onCpu[s].bytes.Slice(block * bytes, bytes).CopyTo(record[at..]);
                at += bytes;
            }
            Seal(record, Blocks + block, count);
        }
        Write(records, Offset(Blocks));
        Blocks += blocks;
    }

    /// <summary>From now on blocks that are read stay in the memory of a device. Call it before the first is read.</summary>
    internal void KeepOn(Device device, DevicePlan plan)
    {
        if (plan.Blocks > 0) _onDevice = new DeviceBlocks(this, device, plan);
    }

    /// <summary>Keys and values of blocks as [n, L, G, 64, D] in float32, on the CPU or on the device where blocks are kept. The caller owns them.</summary>
    /// <exception cref="DamagedBlockException">A block's checksum does not match.</exception>
    /// <exception cref="ProblemException">The file holds keys only.</exception>
    public (Tensor Keys, Tensor Values) Read(IReadOnlyList<int> blocks)
    {
        RequireAll();
        return _onDevice?.Read(blocks) ?? ReadLayers(Checked(blocks), 0, Fingerprint.Layers);
    }

    /// <summary>
    /// Keys and values of blocks, one layer after the other, each [n, 1, G, 64, D] in float32, to be disposed before the next is taken: on the CPU what a layer needs
    /// stays in the caches of the processor.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public IEnumerable<(Tensor Keys, Tensor Values)> ReadByLayer(IReadOnlyList<int> blocks, int layers)
    {
        RequireAll();
        return _onDevice is null ? ReadLayerAfterLayer(Checked(blocks), layers) : SplitByLayer(_onDevice.Read(blocks), layers);
    }

    /// <summary>Keys of one key/value head in a block, [64, D]; a short last block is filled up with its last token.</summary>
    /// <exception cref="DamagedBlockException">The block's checksum does not match.</exception>
    internal float[] ReadKeys(int block, int layer, int group)
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<byte> record = Record(block);
        (int index, int count) = Codec.KeyPart(layer, group);
        List<Tensor> own = [];
        int at = RecordHead + TokenBytes;
        foreach (KvSegment segment in Codec.KeySegments)
        {
            Tensor part = empty([1, 1, 1, .. segment.Shape[2..]], segment.Type);
            int bytes = segment.Bytes / count;
            record.Slice(at + index * bytes, bytes).CopyTo(part.bytes);
            own.Add(part);
            at += segment.Bytes;
        }
        return Codec.DecodeKeys(own).data<float>().ToArray();
    }

    /// <summary>How many tokens a block has, and the characters of the text that they cover.</summary>
    internal (int Tokens, int Start, int End) ReadPlace(int block)
    {
        IReadOnlyList<TextToken> tokens = ReadTokens(block);
        return (tokens.Count, tokens[0].Start, tokens[^1].End);
    }

    /// <summary>Tokens of a block, with their place in the document's text.</summary>
    public IReadOnlyList<TextToken> ReadTokens(int block)
    {
        ReadOnlySpan<byte> record = Record(block);
        int count = MemoryMarshal.Read<int>(record[8..]);
        ReadOnlySpan<int> table = MemoryMarshal.Cast<byte, int>(record.Slice(RecordHead, TokenBytes));
        TextToken[] tokens = new TextToken[count];
        for (int i = 0; i < count; i++) tokens[i] = new TextToken(table[3 * i], table[3 * i + 1], table[3 * i + 2]);
        return tokens;
    }

    /// <summary>Forgets everything from a block on; reading goes on there.</summary>
    public void Truncate(int blocks)
    {
        Unmap();
        _stream.SetLength(Offset(blocks));
        Blocks = Math.Min(Blocks, blocks);
    }

    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <summary>Blocks whose checksum does not match, found as they are taken.</summary>
    public IEnumerable<int> DamagedBlocks()
    {
        for (int block = 0; block < Blocks; block++)
            if (!IsSound(block)) yield return block;
    }

    public bool IsSound(int block) => block < Blocks && StandsInFile(block) && IsGood(MappedRecord(block), block);

    public void Dispose()
    {
        _onDevice?.Dispose();
        Unmap();
        _stream.Dispose();
    }

    private void Write(ReadOnlySpan<byte> records, long offset)
    {
        try
        {
            RandomAccess.Write(_stream.SafeFileHandle, records, offset);
        }
        catch (ArgumentOutOfRangeException error)
        {
            // What .NET makes of EFBIG: a limit of the file system or of the user.
            throw new IOException($"A file of {(offset + records.Length) / 1e6:N1} MB is larger than the file system or the user's limits allow", error);
        }
    }

    private void RequireAll()
    {
        if (!Codec.HoldsAll)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"The memory {FilePath} is of the format keys: its blocks can be found, but not attended to, which this needs. Set Memory:Format to int4, int8 or float16 and read the document anew (ra ask … --reread). 'ra ask', 'ra chat' and 'ra search' work with it as it is.");
        }
    }

    private IReadOnlyList<int> Checked(IReadOnlyList<int> blocks)
    {
        foreach (int block in blocks) Record(block);
        return blocks;
    }

    private IEnumerable<(Tensor Keys, Tensor Values)> ReadLayerAfterLayer(IReadOnlyList<int> blocks, int layers) =>
        Enumerable.Range(0, layers).Select(layer => ReadLayers(blocks, layer, 1));

    private static IEnumerable<(Tensor Keys, Tensor Values)> SplitByLayer((Tensor Keys, Tensor Values) all, int layers)
    {
        using (all.Keys)
        using (all.Values)
            for (int layer = 0; layer < layers; layer++) yield return (all.Keys.narrow(1, layer, 1), all.Values.narrow(1, layer, 1));
    }

    private (Tensor Keys, Tensor Values) ReadLayers(IReadOnlyList<int> blocks, int first, int layers)
    {
        using var scope = NewDisposeScope();
        Tensor[] segments = [.. Codec.Segments.Select(segment => empty([blocks.Count, layers, .. segment.Shape[1..]], segment.Type))];
        for (int i = 0; i < blocks.Count; i++)
        {
            ReadOnlySpan<byte> record = MappedRecord(blocks[i]);
            int at = RecordHead + TokenBytes;
            for (int s = 0; s < segments.Length; s++)
            {
                int ofLayer = Codec.Segments[s].Bytes / Fingerprint.Layers, bytes = layers * ofLayer;
                record.Slice(at + first * ofLayer, bytes).CopyTo(segments[s].bytes.Slice(i * bytes, bytes));
                at += Codec.Segments[s].Bytes;
            }
        }
        (Tensor keys, Tensor values) = Codec.Decode(segments);
        return (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    /// <summary>Blocks as they are stored, one tensor [n, …] a segment, as <see cref="Append"/> takes them. The caller owns them.</summary>
    /// <exception cref="DamagedBlockException">A block's checksum does not match.</exception>
    internal IReadOnlyList<Tensor> ReadStored(IReadOnlyList<int> blocks)
    {
        Tensor[] segments = [.. Codec.Segments.Select(segment => empty([blocks.Count, .. segment.Shape], segment.Type))];
        for (int i = 0; i < blocks.Count; i++)
        {
            ReadOnlySpan<byte> record = Record(blocks[i])[(RecordHead + TokenBytes)..];
            for (int s = 0; s < segments.Length; s++)
            {
                int bytes = Codec.Segments[s].Bytes;
                record[..bytes].CopyTo(segments[s].bytes.Slice(i * bytes, bytes));
                record = record[bytes..];
            }
        }
        return segments;
    }

    private ReadOnlySpan<byte> Record(int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        return IsSound(block) ? MappedRecord(block) : throw new DamagedBlockException(FilePath, block);
    }

    /// <summary>Whether the file still reaches that far: touching mapped pages behind the end of a file that was cut meanwhile would end the process.</summary>
    private bool StandsInFile(int block) => RandomAccess.GetLength(_stream.SafeFileHandle) >= Offset(block + 1);

    private unsafe ReadOnlySpan<byte> MappedRecord(int block)
    {
        if (block >= Volatile.Read(ref _mappedBlocks)) Map(block);
        byte* start = null;
        _view!.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        return new ReadOnlySpan<byte>(start + _view.PointerOffset + Offset(block), _recordBytes);
    }

    private void Map(int block)
    {
        lock (_mapping)
        {
            if (block < _mappedBlocks) return;
            Unmap();
            int blocks = (int)Math.Min(Blocks, (RandomAccess.GetLength(_stream.SafeFileHandle) - PageSize) / _recordBytes);
            _map = MemoryMappedFile.CreateFromFile(_stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, Offset(blocks), MemoryMappedFileAccess.Read);
            Volatile.Write(ref _mappedBlocks, blocks);
        }
    }

    private void Unmap()
    {
        _view?.Dispose();
        _map?.Dispose();
        (_view, _map, _mappedBlocks) = (null, null, 0);
    }

    /// <summary>Records that the file's length allows, less the last ones that were not sealed. Earlier ones are checked when they are used.</summary>
    private int CountGoodRecords()
    {
        int count = (int)Math.Min((_stream.Length - PageSize) / _recordBytes, BlocksFor(Fingerprint.Tokens));
        byte[] record = new byte[_recordBytes];
        for (; count > 0; count--)
        {
            int read = RandomAccess.Read(_stream.SafeFileHandle, record, Offset(count - 1));
            if (read == _recordBytes && IsGood(record, count - 1)) break;
        }
        return count;
    }

    private static KvCodec CodecOf(MemoryFingerprint fingerprint) =>
        KvCodec.For(fingerprint.Format, KvShape.Of(fingerprint));

    private static int RecordBytes(KvCodec codec) => (RecordHead + TokenBytes + codec.BytesPerBlock + PageSize - 1) / PageSize * PageSize;

    private long Offset(int block) => PageSize + (long)block * _recordBytes;

    private static void Seal(Span<byte> record, int block, int tokens)
    {
        MemoryMarshal.Write(record, RecordMagic);
        MemoryMarshal.Write(record[4..], block);
        MemoryMarshal.Write(record[8..], tokens);
        MemoryMarshal.Write(record[16..], Checksum(record));
    }

    private static bool IsGood(ReadOnlySpan<byte> record, int block) =>
        MemoryMarshal.Read<int>(record) == RecordMagic
        && MemoryMarshal.Read<int>(record[4..]) == block
        && MemoryMarshal.Read<ulong>(record[16..]) == Checksum(record);

    /// <summary>Covers the record but for the checksum itself, with the block's number and count as the seed.</summary>
    private static ulong Checksum(ReadOnlySpan<byte> record) => XxHash3.HashToUInt64(record[RecordHead..], MemoryMarshal.Read<long>(record[4..]));

    private static void WriteHead(FileStream stream, MemoryFingerprint fingerprint)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(fingerprint, Json);
        byte[] page = new byte[PageSize];
        Magic.CopyTo(page, 0);
        MemoryMarshal.Write(page.AsSpan(8), json.Length);
        json.CopyTo(page, 12);
        MemoryMarshal.Write(page.AsSpan(PageSize - 8), XxHash3.HashToUInt64(json));
        stream.SetLength(0);
        RandomAccess.Write(stream.SafeFileHandle, page, 0);
    }

    private static MemoryFingerprint ReadHead(string path, FileStream stream) => FindHead(stream) ?? throw new ProblemException(ProblemKind.Index,
        $"The first page of the memory {path} is damaged, or was written by another version of the program (expected RAMEMORY and a matching checksum). Read the document anew with: ra ask … --reread");

    private static MemoryFingerprint? FindHead(FileStream stream)
    {
        byte[] page = new byte[PageSize];
        int read = RandomAccess.Read(stream.SafeFileHandle, page, 0);
        int length = MemoryMarshal.Read<int>(page.AsSpan(8));
        bool good = read == PageSize && page.AsSpan(0, 8).SequenceEqual(Magic) && length is > 0 and < PageSize - 20
            && XxHash3.HashToUInt64(page.AsSpan(12, length)) == MemoryMarshal.Read<ulong>(page.AsSpan(PageSize - 8));
        try
        {
            return good ? JsonSerializer.Deserialize<MemoryFingerprint>(page.AsSpan(12, length), Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A block of a memory file does not match its checksum, or is no longer there. Reading the document again from that block repairs it.</summary>
public sealed class DamagedBlockException(string path, int block)
    : Exception($"Block {block} of the memory {path} is damaged (its checksum does not match, or the file was cut short).")
{
    /// <summary>What mends it, for messages.</summary>
    public const string Advice = "Cut it off there with 'ra memory verify --repair'; 'ra ingest' or a question about the book reads it again from there.";

    public string Path { get; } = path;

    public int Block { get; } = block;
}
