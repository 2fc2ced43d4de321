using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RetrievalAttention.Memory.Scanning;

/// <summary>Of what an index is made: keys of which heads of which memory.</summary>
/// <param name="Sources">(layer, key/value head).</param>
internal sealed record IndexContent(MemoryFingerprint Memory, IReadOnlyList<(int Layer, int Group)> Sources)
{
    public IndexLayout Layout => new(Sources.Count, Memory.HeadSize);

    /// <summary>32 bytes that are equal exactly when the content is. The format does not matter: a memory that is made smaller keeps its index.</summary>
    public byte[] Key() => SHA256.HashData(Encoding.UTF8.GetBytes($"{Memory.In(default, keys: null).AsKey()} {string.Join(' ', Sources)}"));
}

/// <summary>
/// The file of a retrieval index: a page with magic, key, record size and their XXH3, then one record a block (<see cref="IndexLayout"/>). It grows while a document
/// is read and is mapped, not read, afterwards. Everything in it comes from the memory, so whatever is not sound is simply made again.
/// </summary>
internal sealed unsafe class IndexFile : IDisposable
{
    private const int PageSize = 4096;
    private static readonly byte[] Magic = "RAINDEX2"u8.ToArray();

    private readonly IndexLayout _layout;
    private readonly byte* _start;
    private readonly byte[]? _array;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;

    private IndexFile(IndexLayout layout, MemoryMappedFile map, int blocks)
    {
        (_layout, Blocks, _map) = (layout, blocks, map);
        _view = map.CreateViewAccessor(0, Length(layout, blocks), MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    private IndexFile(IndexLayout layout, byte[] pinned, int blocks)
    {
        (_layout, Blocks, _array) = (layout, blocks, pinned);
        _start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);
    }

    public int Blocks { get; }

    /// <summary>Where a block's record begins; valid until disposed.</summary>
    public byte* Record(int block) => _start + PageSize + (long)block * _layout.RecordBytes;

    public ReadOnlySpan<byte> Span(int block) => new(Record(block), _layout.RecordBytes);

    /// <summary>Maps the file of a whole memory; null when it is missing, damaged or of other content.</summary>
    public static IndexFile? TryOpen(string path, IndexContent content)
    {
        if (!File.Exists(path)) return null;
        FileStream stream = OpenShared(path, FileMode.Open, FileAccess.Read);
        int blocks = MemoryFile.BlocksFor(content.Memory.Tokens);
        if (stream.Length != Length(content.Layout, blocks) || !HasHead(stream, Head(content)))
        {
            stream.Dispose();
            return null;
        }
        IndexFile file = new(content.Layout, MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), blocks);
        if (Enumerable.Range(0, blocks).All(block => file._layout.IsSound(file.Span(block), block))) return file;
        file.Dispose();
        return null;
    }

    /// <summary>Makes the index of a whole memory; in managed memory where the folder cannot be written to.</summary>
    /// <exception cref="DamagedBlockException">A block of the memory is damaged.</exception>
    public static IndexFile Build(string path, MemoryFile memory, IndexContent content)
    {
        try
        {
            Write(path, memory, content);
            if (TryOpen(path, content) is { } written) return written;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Only time is lost: the next opening makes it again.
        }
        byte[] array = GC.AllocateUninitializedArray<byte>(checked((int)Length(content.Layout, memory.Blocks)), pinned: true);
        using MemoryStream stream = new(array);
        Append(stream, memory, content, first: 0);
        return new IndexFile(content.Layout, array, memory.Blocks);
    }

    /// <summary>Whether a file is whole, whatever it was made of.</summary>
    public static bool IsWhole(string path)
    {
        using FileStream stream = OpenShared(path, FileMode.Open, FileAccess.Read);
        byte[] head = new byte[PageSize];
        if (stream.ReadAtLeast(head, PageSize, throwOnEndOfStream: false) < PageSize || !head.AsSpan(0, 8).SequenceEqual(Magic)) return false;
        IndexLayout layout = new(MemoryMarshal.Read<int>(head.AsSpan(40)), MemoryMarshal.Read<int>(head.AsSpan(44)));
        bool sound = MemoryMarshal.Read<ulong>(head.AsSpan(48)) == XxHash3.HashToUInt64(head.AsSpan(0, 48)) && !head.AsSpan(56).ContainsAnyExcept((byte)0)
            && (stream.Length - PageSize) % layout.RecordBytes == 0;
        return sound && SoundBlocks(stream, layout, int.MaxValue) == (stream.Length - PageSize) / layout.RecordBytes;
    }

    public void Dispose()
    {
        if (_view is null) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map!.Dispose();
    }

    /// <summary>Writes the index of a whole memory, under its name only when it is complete.</summary>
    private static void Write(string path, MemoryFile memory, IndexContent content)
    {
        // What a process left behind that was killed while it wrote.
        foreach (string left in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, $"{Path.GetFileName(path)}.*.new")) File.Delete(left);
        string temporary = $"{path}.{Environment.ProcessId}.new";
        try
        {
            using (FileStream stream = File.Create(temporary)) Append(stream, memory, content, first: 0);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes the records of the memory's blocks from a block on, after the first page where there is none yet.</summary>
    internal static void Append(Stream stream, MemoryFile memory, IndexContent content, int first)
    {
        if (first == 0) stream.Write(Head(content));
        for (int block = first; block < memory.Blocks; block++)
            WriteRecord(stream, content.Layout, block, [.. content.Sources.Select(source => memory.ReadKeys(block, source.Layer, source.Group))], memory.ReadPlace(block));
    }

    /// <param name="keys">[64, D] of each source.</param>
    internal static void WriteRecord(Stream stream, IndexLayout layout, int block, IReadOnlyList<float[]> keys, (int Tokens, int Start, int End) place)
    {
        byte[] record = new byte[layout.RecordBytes];
        for (int source = 0; source < keys.Count; source++) layout.WriteKeys(record, source, keys[source]);
        layout.Seal(record, block, place.Tokens, place.Start, place.End);
        stream.Write(record);
    }

    internal static long Length(IndexLayout layout, int blocks) => PageSize + (long)blocks * layout.RecordBytes;

    internal static byte[] Head(IndexContent content)
    {
        byte[] page = new byte[PageSize];
        Magic.CopyTo(page, 0);
        content.Key().CopyTo(page, 8);
        MemoryMarshal.Write(page.AsSpan(40), content.Layout.Sources);
        MemoryMarshal.Write(page.AsSpan(44), content.Layout.HeadSize);
        MemoryMarshal.Write(page.AsSpan(48), XxHash3.HashToUInt64(page.AsSpan(0, 48)));
        return page;
    }

    internal static bool HasHead(FileStream stream, byte[] expected)
    {
        byte[] found = new byte[PageSize];
        return RandomAccess.Read(stream.SafeFileHandle, found, 0) == PageSize && found.AsSpan().SequenceEqual(expected);
    }

    /// <summary>Records from the first on that are as they were written.</summary>
    internal static int SoundBlocks(FileStream stream, IndexLayout layout, int most)
    {
        byte[] record = new byte[layout.RecordBytes];
        int block = 0;
        while (block < most && RandomAccess.Read(stream.SafeFileHandle, record, Length(layout, block)) == record.Length && layout.IsSound(record, block)) block++;
        return block;
    }

    internal static FileStream OpenShared(string path, FileMode mode, FileAccess access) => new(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
}
