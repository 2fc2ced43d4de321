using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>A file as the file system shows it.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="ModifiedAt">Time of the last write; compared for equality only, so that a clock set back does no harm.</param>
public sealed record FileState(string Path, long Size, DateTime ModifiedAt);

/// <summary>What a registered file turned out to be.</summary>
public enum FileChange
{
    /// <summary>Content that the library did not have.</summary>
    Added,

    /// <summary>The content it had before.</summary>
    Unchanged,

    /// <summary>Another content than before; the old version stays in use until the new one is searchable.</summary>
    Updated,

    /// <summary>Known content at a new path, while the old path is gone.</summary>
    Moved,

    /// <summary>Known content, while the other path still has it too: one document.</summary>
    Duplicate,
}

/// <param name="Document">The document that now stands for the file.</param>
/// <param name="OtherPath">For moved and duplicate files: where the content was, or is, too.</param>
public sealed record Registration(FileChange Change, long Document, string? OtherPath = null);

/// <summary>
/// Which file holds which document. Goals: 1. the identity is the content hash, never the name; 2. one content is one document, at however
/// many paths; 3. an edited file keeps its old version until the new one can take its place; 4. a vanished file costs nothing that was computed.
/// </summary>
public sealed class FileRegistry(LibraryDatabase database, TimeProvider time)
{
    /// <summary>A file written this recently may change again without a new time stamp, so a time is stored that makes the next scan look inside.</summary>
    private static readonly TimeSpan ClockGrain = TimeSpan.FromSeconds(2);

    /// <summary>Every known file with its document.</summary>
    public IReadOnlyDictionary<string, (FileState State, long Document)> Known() => database.Read(connection => connection.Query(
        "SELECT path, size, mtime, document FROM files",
        row => (State: new FileState(row.GetString(0), row.GetInt64(1), new DateTime(row.GetInt64(2), DateTimeKind.Utc)), Document: row.GetInt64(3)))
        .ToDictionary(file => file.State.Path, StringComparer.Ordinal));

    /// <summary>Every path at which a document was seen.</summary>
    public IReadOnlyList<string> PathsOf(long document) => database.Read(connection =>
        connection.Query("SELECT path FROM files WHERE document = @document ORDER BY path", row => row.GetString(0), ("@document", document)));

    /// <summary>Brings the library to what was found on disk: new documents are queued for reading.</summary>
    public Registration Register(FileState file, string contentHash) => Register([(file, contentHash)])[0];

    /// <summary>The same for several files, in one transaction.</summary>
    public IReadOnlyList<Registration> Register(IReadOnlyList<(FileState File, string ContentHash)> files) =>
        database.Write(connection => files.Select(file => Register(connection, file.File, file.ContentHash)).ToList());

    private Registration Register(SqliteConnection connection, FileState found, string contentHash)
    {
        bool mayChangeUnseen = (time.GetUtcNow().UtcDateTime - found.ModifiedAt).Duration() < ClockGrain;
        FileState file = mayChangeUnseen ? found with { ModifiedAt = DateTime.UnixEpoch } : found;
        long? before = NumberOrNull(connection, "SELECT document FROM files WHERE path = @path", ("@path", file.Path));
        long? sameContent = NumberOrNull(connection, "SELECT id FROM documents WHERE content_hash = @hash", ("@hash", contentHash));
        if (sameContent is { } document)
        {
            // An old version that is back needs no successor.
            connection.Execute("UPDATE documents SET replaces = NULL WHERE replaces = @document", ("@document", document));
            if (before == document)
            {
                Link(connection, file, document);
                return new Registration(FileChange.Unchanged, document);
            }
            return before is { } other ? Relink(connection, file, other, document) : LinkNewPath(connection, file, document);
        }

        long added = AddDocument(connection, file, contentHash);
        if (before is not { } old)
        {
            Link(connection, file, added);
            return new Registration(FileChange.Added, added);
        }
        Link(connection, file, added);
        if (HasFile(connection, old)) KeepPathTrue(connection, old);
        else Supersede(connection, old, added);
        return new Registration(FileChange.Updated, added);
    }

    private static Registration Relink(SqliteConnection connection, FileState file, long old, long document)
    {
        Link(connection, file, document);
        if (HasFile(connection, old)) KeepPathTrue(connection, old);
        else
        {
            // What it was to replace stands for no file either.
            if (NumberOrNull(connection, "SELECT replaces FROM documents WHERE id = @old", ("@old", old)) is { } replaced && !HasFile(connection, replaced)) DocumentCatalog.Delete(connection, replaced);
            DocumentCatalog.Delete(connection, old);
        }
        KeepPathTrue(connection, document);
        return new Registration(FileChange.Updated, document);
    }

    private static Registration LinkNewPath(SqliteConnection connection, FileState file, long document)
    {
        List<string> paths = connection.Query("SELECT path FROM files WHERE document = @document ORDER BY path", row => row.GetString(0), ("@document", document));
        string? present = paths.Find(File.Exists);
        string? gone = paths.Find(path => !File.Exists(path)) ?? connection.Scalar<string>("SELECT path FROM documents WHERE id = @document", ("@document", document));
        if (present is null) connection.Execute("DELETE FROM files WHERE document = @document", ("@document", document));
        Link(connection, file, document);
        KeepPathTrue(connection, document);
        return present is null ? new Registration(FileChange.Moved, document, gone) : new Registration(FileChange.Duplicate, document, present);
    }

    private long AddDocument(SqliteConnection connection, FileState file, string contentHash)
    {
        long id = connection.Scalar<long>(
            "INSERT INTO documents(content_hash, path, size, title, added_at) VALUES(@hash, @path, @size, @title, @now) RETURNING id",
            ("@hash", contentHash), ("@path", file.Path), ("@size", file.Size), ("@title", Path.GetFileNameWithoutExtension(file.Path)),
            ("@now", time.GetUtcNow().ToUnixTimeMilliseconds()));
        JobQueue.Enqueue(connection, id, DocumentStage.Extracted);
        return id;
    }

    /// <summary>The old version stays until the new one is searchable, or goes now when it never was.</summary>
    private static void Supersede(SqliteConnection connection, long old, long added)
    {
        bool inUse = connection.Scalar<long>("SELECT stage FROM documents WHERE id = @old", ("@old", old)) >= (long)DocumentStage.Searchable;
        long? replaced = inUse ? old : NumberOrNull(connection, "SELECT replaces FROM documents WHERE id = @old", ("@old", old));
        connection.Execute("UPDATE documents SET replaces = @replaced WHERE id = @added", ("@replaced", replaced), ("@added", added));
        if (!inUse) DocumentCatalog.Delete(connection, old);
    }

    private static void Link(SqliteConnection connection, FileState file, long document) => connection.Execute(
        "INSERT INTO files VALUES(@path, @size, @mtime, @document) ON CONFLICT(path) DO UPDATE SET size = @size, mtime = @mtime, document = @document",
        ("@path", file.Path), ("@size", file.Size), ("@mtime", file.ModifiedAt.Ticks), ("@document", document));

    /// <summary>A document's path is one where it was seen last.</summary>
    private static void KeepPathTrue(SqliteConnection connection, long document) => connection.Execute(
        """
        UPDATE documents SET path = (SELECT MIN(path) FROM files WHERE document = @document)
        WHERE id = @document AND path NOT IN (SELECT path FROM files WHERE document = @document)
        """,
        ("@document", document));

    private static bool HasFile(SqliteConnection connection, long document) =>
        connection.Scalar<long>("SELECT COUNT(*) FROM files WHERE document = @document", ("@document", document)) > 0;

    private static long? NumberOrNull(SqliteConnection connection, string sql, params ReadOnlySpan<(string, object?)> parameters) =>
        connection.Query(sql, row => row.NumberOrNull(0), parameters).SingleOrDefault();
}
