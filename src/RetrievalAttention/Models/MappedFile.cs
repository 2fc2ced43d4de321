using System.IO.MemoryMappedFiles;

namespace RetrievalAttention.Models;

/// <summary>
/// A model file mapped read-only into memory: pages come from the system's file cache when they are touched, and nothing of the file is
/// copied to managed memory. Safe to read from several threads.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private MappedFile(string path, long length, MemoryMappedFile file)
    {
        Path = path;
        Length = length;
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <exception cref="ProblemException">The file does not exist, is empty or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        if (!File.Exists(path))
            throw new ProblemException(ProblemKind.Model, $"The model file {path} does not exist. Check the path, or see models/README.md on where models come from.");
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            long length = stream.Length;
            if (length == 0)
            {
                stream.Dispose();
                throw new ProblemException(ProblemKind.Model, $"The model file {path} is empty: the download or copy did not happen. Fetch it again.");
            }

            return new MappedFile(path, length, MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Model, $"The model file {path} cannot be opened: {e.Message} Check its permissions and whether another program is writing it.", e);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the file; readers check their offsets before.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} of {Path}, which has {Length}.");
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    public void Dispose()
    {
        if (_start == null)
            return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
