using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RetrievalAttention.Indexing;

/// <summary>
/// A saved vector index, mapped into memory: 1024 bytes of header (a line of magic, then JSON that says what follows, padded with blanks)
/// and what the kind of index writes. A SHA-256 over all of it is checked at opening.
/// </summary>
internal sealed unsafe class VectorFile : IDisposable
{
    private const string Magic = "RetrievalAttention vectors\n";
    private const int Format = 1;
    private const int HeaderBytes = 1024;

    /// <summary>Ends the names of files that are being written.</summary>
    public const string Unfinished = ".tmp";

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private VectorFile(FileStream stream, Header header)
    {
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        Vectors = header.Vectors;
        Bytes = header.Bytes;
    }

    /// <summary>Vectors in the file.</summary>
    public int Vectors { get; }

    /// <summary>Bytes after the header.</summary>
    public long Bytes { get; }

    /// <summary>The first byte after the header; valid until disposed.</summary>
    public byte* Content
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start == null, this);
            return _start + HeaderBytes;
        }
    }

    /// <param name="release">Lets go of an older file of that name, just before it is replaced: Windows refuses to replace a mapped one.</param>
    /// <exception cref="ProblemException">The file cannot be written; an older one is as it was.</exception>
    public static void Write(string path, string kind, VectorIdentity identity, int vectors, Action<Stream> writeContent, Action release)
    {
        // Two processes may save the same index at once: each writes its own file, and the last one stays.
        string unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite))
            {
                stream.Write(new byte[HeaderBytes]);
                writeContent(stream);
                long bytes = stream.Position - HeaderBytes;
                stream.Position = HeaderBytes;
                var header = new Header(Format, kind, identity.Embedder, identity.Dimensions, "cosine", vectors, bytes, Sha256: "");
                string checksum = Checksum(header, stream);
                stream.Position = 0;
                stream.Write(Encode(header with { Sha256 = checksum }));
                stream.Flush(flushToDisk: true);
            }
            release();
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(unfinished)) File.Delete(unfinished);
            throw new ProblemException(ProblemKind.Environment, $"The index file {path} cannot be written: {e.Message} Make room or check permissions, then save again.", e);
        }
    }

    /// <exception cref="ProblemException">Missing, damaged, of another kind or made by another embedder.</exception>
    public static VectorFile Open(string path, string kind, VectorIdentity identity)
    {
        if (!File.Exists(path)) throw new ProblemException(ProblemKind.Index, $"The index file {path} does not exist; {Rebuilding.Advice}");
        FileStream stream = OpenStream(path);
        try
        {
            Header header = ReadHeader(stream, path);
            Check(header, path, kind, identity);
            CheckContent(header, stream, path);
            return new VectorFile(stream, header);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_start == null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static FileStream OpenStream(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The index file {path} cannot be opened: {e.Message} Check its permissions.", e);
        }
    }

    private static byte[] Encode(Header header)
    {
        byte[] encoded = Encoding.UTF8.GetBytes(Magic + JsonSerializer.Serialize(header, JsonSerializerOptions.Web));
        if (encoded.Length > HeaderBytes) throw new ArgumentException($"The header takes {encoded.Length} bytes; {HeaderBytes} are there.");
        byte[] padded = new byte[HeaderBytes];
        padded.AsSpan().Fill((byte)' ');
        encoded.CopyTo(padded, 0);
        return padded;
    }

    private static Header ReadHeader(Stream stream, string path)
    {
        byte[] bytes = new byte[HeaderBytes];
        int read = stream.ReadAtLeast(bytes, HeaderBytes, throwOnEndOfStream: false);
        if (read < HeaderBytes || !bytes.AsSpan().StartsWith(Encoding.ASCII.GetBytes(Magic)))
            throw Damaged(path, $"does not begin as a vector index does ({read} bytes were read)");
        try
        {
            return JsonSerializer.Deserialize<Header>(bytes.AsSpan(Magic.Length), JsonSerializerOptions.Web) ?? throw Damaged(path, "has an empty header");
        }
        catch (JsonException e)
        {
            throw Damaged(path, $"has a header that cannot be read ({e.Message})");
        }
    }

    private static void Check(Header header, string path, string kind, VectorIdentity identity)
    {
        if (header.Format != Format)
            throw new ProblemException(ProblemKind.Index, $"The index file {path} has format {header.Format}; this program reads format {Format}. Use the program that wrote it, or {Rebuilding.Advice}");
        if (header.Kind != kind)
            throw new ProblemException(ProblemKind.Index, $"The index file {path} is of the kind {header.Kind}; the settings ask for {kind}. Change the setting, or {Rebuilding.Advice}");
        if (header.Embedder != identity.Embedder || header.Dimensions != identity.Dimensions)
            throw new ProblemException(ProblemKind.Index, $"The index file {path} was made by the embedder {Short(header.Embedder)} with {header.Dimensions} dimensions; the settings name {Short(identity.Embedder)} with {identity.Dimensions}. Name that embedder again, or {Rebuilding.Advice}");
    }

    private static void CheckContent(Header header, Stream stream, string path)
    {
        long bytes = stream.Length - HeaderBytes;
        if (bytes != header.Bytes || header.Vectors < 0) throw Damaged(path, $"holds {bytes} bytes after its header, which announces {header.Bytes}");
        if (Checksum(header, stream) != header.Sha256) throw Damaged(path, "has another checksum than its header announces");
    }

    /// <summary>SHA-256 of the header without the checksum itself and of what follows, from the stream's position on.</summary>
    private static string Checksum(Header header, Stream content)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sum.AppendData(Encode(header with { Sha256 = "" }));
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = content.Read(buffer)) > 0;) sum.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static ProblemException Damaged(string path, string found) =>
        new(ProblemKind.Index, $"The index file {path} is damaged: it {found}. Nothing else is lost; {Rebuilding.Advice}");

    private static string Short(string hash) => hash.Length <= 12 ? hash : hash[..12];

    private sealed record Header(int Format, string Kind, string Embedder, int Dimensions, string Metric, int Vectors, long Bytes, string Sha256);
}
