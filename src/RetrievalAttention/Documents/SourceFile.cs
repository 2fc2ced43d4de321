namespace RetrievalAttention.Documents;

/// <summary>A file as it was at one moment. Everything that can go wrong with opening it becomes a problem with a reason.</summary>
public sealed record SourceFile(string Path, long Length, DateTime LastWrite)
{
    /// <exception cref="ProblemException">There is no such file, or it may not be read.</exception>
    public static SourceFile Examine(string path)
    {
        string full = FullPath(path);
        return Guarded(full, () =>
        {
            FileInfo file = new(full);
            if (Directory.Exists(full))
                throw new ProblemException(ProblemKind.Document, $"'{full}' is a folder. Name a file, or ingest the folder.");
            if (!file.Exists) throw new FileNotFoundException(null, full);
            return new SourceFile(full, file.Length, file.LastWriteTimeUtc);
        });
    }

    /// <exception cref="ProblemException">No file can have such a name.</exception>
    public static string FullPath(string path) => path.Length > 0 && !path.Contains('\0') ? System.IO.Path.GetFullPath(path)
        : throw new ProblemException(ProblemKind.Document, path.Length == 0 ? "The name of the file is empty. Name a file." : "The name of the file holds a zero character. Name a file.");

    public static FileStream Open(string path) => Guarded(
        path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16));

    /// <summary>Reads the whole file, refusing one that is empty or larger than <paramref name="maxBytes"/>.</summary>
    /// <param name="advice">What to do about one that is larger.</param>
    public byte[] ReadBytes(
        long maxBytes, CancellationToken cancellation, string advice = "Split it, or raise MaxTextBytes in the section Documents of appsettings.json.")
    {
        RefuseEmpty();
        if (Length > maxBytes)
        {
            throw new ProblemException(ProblemKind.Document,
                $"'{Path}' has {Length:N0} bytes; files of its kind are read up to {maxBytes:N0}. {advice}");
        }
        byte[] bytes = new byte[Length];
        int filled = Guarded(Path, () =>
        {
            using FileStream stream = Open(Path);
            int at = 0;
            while (at < bytes.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                int read = stream.Read(bytes, at, Math.Min(bytes.Length - at, 1 << 20));
                if (read == 0) break;
                at += read;
            }
            return at;
        });
        if (filled < bytes.Length) throw Changed();
        RefuseIfChanged();
        return bytes;
    }

    /// <exception cref="ProblemException">The file has no bytes.</exception>
    public void RefuseEmpty()
    {
        if (Length == 0) throw new ProblemException(ProblemKind.Document, $"'{Path}' is empty (0 bytes), so there is nothing to read.");
    }

    /// <exception cref="ProblemException">The file vanished, or its size or time of writing is another than when it was examined.</exception>
    public void RefuseIfChanged()
    {
        if (!File.Exists(Path))
            throw new ProblemException(ProblemKind.Document, $"'{Path}' vanished while it was read. Put it back and read it again.");
        if (Examine(Path) != this) throw Changed();
    }

    public ProblemException Changed() => new(ProblemKind.Document,
        $"'{Path}' changed while it was read, so what was read may mix two versions. Read it again when nothing writes to it.");

    /// <summary>Reads of a file, with everything that can go wrong told as a problem of this document.</summary>
    internal static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(ProblemKind.Document, path.Contains('\uFFFD')
                ? $"The name of '{path}' is not UTF-8, so the file cannot be opened. Rename it."
                : $"There is no file '{path}'. Check the name; it may have been moved or removed.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ProblemException(ProblemKind.Document, $"'{path}' may not be read by this user: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new ProblemException(ProblemKind.Document, $"'{path}' cannot be read: {error.Message}", error);
        }
    }
}
