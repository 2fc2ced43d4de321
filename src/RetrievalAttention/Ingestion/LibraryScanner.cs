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
    /// <summary>Files that are registered in one transaction.</summary>
    private const int Batch = 256;

    /// <exception cref="ProblemException">A path is neither a file nor a folder.</exception>
    public IReadOnlyList<ScannedFile> Scan(IReadOnlyList<string> paths, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<string> files = [.. paths.SelectMany(FilesUnder).Distinct(StringComparer.Ordinal)];
        IReadOnlyDictionary<string, (FileState State, long Document)> known = library.Files.Known();
        List<ScannedFile> scanned = new(files.Count);
        foreach (string[] batch in files.Chunk(Batch))
        {
            List<SeenFile> seen = [];
            foreach (string file in batch)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("Looking for changes", scanned.Count + seen.Count, files.Count, "files"));
                seen.Add(Look(file, known, cancellation));
            }
            scanned.AddRange(Register(seen));
        }
        return scanned;
    }

    /// <summary>
    /// Puts files back in the queue that could not be read, or, if asked for, that could be read with warnings only: for when they are named
    /// one by one, or with other settings than before.
    /// </summary>
    /// <returns>The files of the scan, those that are read again as updated.</returns>
    public IReadOnlyList<ScannedFile> ReadAgain(IReadOnlyList<ScannedFile> scanned, Func<ScannedFile, CatalogDocument, bool> which) => [.. scanned.Select(file =>
    {
        if (file is not { Change: FileChange.Unchanged, Document: { } id } || library.Documents.Get(id) is not { } document || !which(file, document)) return file;
        library.Jobs.ReadAgain(id);
        return file with { Change = FileChange.Updated };
    })];

    /// <summary>Compares a file with what is known of it, reading it only when its size or time is another.</summary>
    private static SeenFile Look(string path, IReadOnlyDictionary<string, (FileState State, long Document)> known, CancellationToken cancellation)
    {
        try
        {
            FileState state = StateOf(path);
            if (known.TryGetValue(path, out (FileState State, long Document) before) && before.State == state)
                return new SeenFile(path, Known: before.Document);
            string hash = ContentHash.OfFile(path, cancellation);
            return StateOf(path) == state
                ? new SeenFile(path, State: state, Hash: hash)
                : new SeenFile(path, Problem: "It is being written. Run the command again when it is complete.");
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Document)
        {
            return new SeenFile(path, Problem: problem.Message);
        }
    }

    private IEnumerable<ScannedFile> Register(IReadOnlyList<SeenFile> seen)
    {
        Queue<Registration> registered = new(library.Files.Register([.. seen.Where(file => file.Hash is not null).Select(file => (file.State!, file.Hash!))]));
        foreach (SeenFile file in seen)
        {
            if (file.Problem is not null) yield return new ScannedFile(file.Path, null, null, file.Problem);
            else if (file.Known is { } document) yield return new ScannedFile(file.Path, FileChange.Unchanged, document, null);
            else yield return Result(file.Path, registered.Dequeue());
        }
    }

    private static ScannedFile Result(string path, Registration registered) => new(path, registered.Change, registered.Document, NoteOn(registered));

    private static string? NoteOn(Registration registered) => registered.Change switch
    {
        FileChange.Moved => $"It was at '{registered.OtherPath}' before.",
        FileChange.Duplicate => $"It has the same content as '{registered.OtherPath}'; the library keeps it once.",
        _ => null,
    };

    /// <summary>Files in the order of their paths. Hidden ones are left out, and links to folders are not followed, for they may lead in circles.</summary>
    private static IEnumerable<string> FilesUnder(string path)
    {
        string full = SourceFile.FullPath(path);
        if (File.Exists(full)) return [full];
        if (!Directory.Exists(full))
            throw new ProblemException(ProblemKind.NotFound, $"There is no file or folder '{path}'. Check the name, and whether its disk is there.");

        EnumerationOptions all = new() { IgnoreInaccessible = true, RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System };
        FileSystemEnumerable<string> files = new(full, (ref FileSystemEntry entry) => entry.ToFullPath(), all)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !entry.IsHidden,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.IsHidden && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        try
        {
            return [.. files.Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The folder '{full}' cannot be looked through: {error.Message} Check its disk, and run the command again.", error);
        }
    }

    private static FileState StateOf(string path)
    {
        SourceFile file = SourceFile.Examine(path);
        return new FileState(file.Path, file.Length, file.LastWrite);
    }

    /// <summary>Exactly one of: already known as it is, to be registered by its hash, or a problem.</summary>
    private sealed record SeenFile(string Path, long? Known = null, FileState? State = null, string? Hash = null, string? Problem = null);
}
