using System.IO.Enumeration;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Ingestion;

/// <summary>A file that a scan met.</summary>
/// <param name="Change">Null when the file could not be registered.</param>
/// <param name="Document">The document that stands for it.</param>
/// <param name="Note">Where else the content is or was, or why the file could not be registered.</param>
public sealed record ScannedFile(string Path, FileChange? Change, long? Document, string? Note);

/// <summary>
/// Compares files and folders with the library: by size and time first, by content where those differ. New content is queued for reading.
/// Files that are gone stay in the library until they are removed from it: a folder that is not mounted today must not cost what was computed.
/// </summary>
public sealed class LibraryScanner(Library library)
{
    /// <exception cref="ProblemException">A path is neither a file nor a folder.</exception>
    public IReadOnlyList<ScannedFile> Scan(IReadOnlyList<string> paths, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<string> files = [.. paths.SelectMany(FilesUnder).Distinct(StringComparer.Ordinal)];
        IReadOnlyDictionary<string, (FileState State, long Document)> known = library.Files.Known();
        List<ScannedFile> scanned = new(files.Count);
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Looking for changes", scanned.Count, files.Count, "files"));
            scanned.Add(ScanFile(file, known, cancellation));
        }
        return scanned;
    }

    private ScannedFile ScanFile(string path, IReadOnlyDictionary<string, (FileState State, long Document)> known, CancellationToken cancellation)
    {
        try
        {
            FileState state = StateOf(path);
            if (known.TryGetValue(path, out (FileState State, long Document) before) && before.State == state)
                return new ScannedFile(path, FileChange.Unchanged, before.Document, null);

            string hash = ContentHash.OfFile(path, cancellation);
            if (StateOf(path) != state) return new ScannedFile(path, null, null, "It is being written. Run the command again when it is complete.");
            Registration registered = library.Files.Register(state, hash);
            return new ScannedFile(path, registered.Change, registered.Document, NoteOn(registered));
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Document)
        {
            return new ScannedFile(path, null, null, problem.Message);
        }
    }

    private static string? NoteOn(Registration registered) => registered.Change switch
    {
        FileChange.Moved => $"It was at '{registered.OtherPath}' before.",
        FileChange.Duplicate => $"It has the same content as '{registered.OtherPath}'; the library keeps it once.",
        _ => null,
    };

    /// <summary>Files in the order of their paths. Hidden ones are left out, and links to folders are not followed, for they may lead in circles.</summary>
    private static IEnumerable<string> FilesUnder(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full)) return [full];
        if (!Directory.Exists(full))
            throw new ProblemException(ProblemKind.NotFound, $"There is no file or folder '{path}'. Check the name, and whether its disk is there.");

        EnumerationOptions all = new() { IgnoreInaccessible = true, RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System };
        FileSystemEnumerable<string> files = new(full, (ref FileSystemEntry entry) => entry.ToFullPath(), all)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !entry.IsHidden,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.IsHidden && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return files.Order(StringComparer.Ordinal);
    }

    private static FileState StateOf(string path)
    {
        SourceFile file = SourceFile.Examine(path);
        return new FileState(file.Path, file.Length, file.LastWrite);
    }
}
