using RetrievalAttention.Documents;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Catalog;

/// <summary>
/// One folder of documents with everything that was computed from them: <c>library.db</c>, the folders <c>memory</c> and <c>vectors</c> for
/// what is mapped rather than queried, and <c>unfinished</c> for pages of documents that are being read. Safe to open in several processes at once.
/// </summary>
public sealed class Library : IDisposable
{
    private Library(string folder, LibraryOptions options, JobQueueOptions queue, TimeProvider time)
    {
        Folder = folder;
        Database = LibraryDatabase.Open(Path.Combine(folder, "library.db"), options.BusySeconds);
        Workers = new WorkerRegistry(Path.Combine(folder, "workers"), Database, time);
        Documents = new DocumentCatalog(Database);
        Embeddings = new PassageEmbeddings(Database);
        Files = new FileRegistry(Database, time);
        Jobs = new JobQueue(Database, Workers, time, queue);
    }

    /// <summary>Absolute path.</summary>
    public string Folder { get; }

    public string Name => Path.GetFileName(Folder);

    public LibraryDatabase Database { get; }

    public DocumentCatalog Documents { get; }

    public FileRegistry Files { get; }

    public PassageEmbeddings Embeddings { get; }

    public JobQueue Jobs { get; }

    public WorkerRegistry Workers { get; }

    /// <summary>Attention memory: files whose names begin with the content hash of their document go when it is removed.</summary>
    public string MemoryFolder => Path.Combine(Folder, "memory");

    /// <summary>Pages of documents that are being read: files whose names begin with the content hash go when the document is done.</summary>
    public string UnfinishedFolder => Path.Combine(Folder, "unfinished");

    /// <summary>Vector indexes; they can be built again from the catalog.</summary>
    public string VectorFolder => Path.Combine(Folder, "vectors");

    /// <summary>Opens a library, or makes it when it is not there yet.</summary>
    /// <param name="name">Null for the default one.</param>
    /// <exception cref="ProblemException">The name is none, or the folder cannot be used; see <see cref="LibraryDatabase.Open(string, int)"/>.</exception>
    public static Library OpenOrCreate(LibraryOptions options, JobQueueOptions queue, string? name, TimeProvider time)
    {
        string folder = FolderOf(options, name);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment,
                $"The folder '{folder}' cannot be made: {error.Message} Choose a place that you may write to (Library:Root in appsettings.json).", error);
        }
        Library library = new(folder, options, queue, time);
        library.DeleteRemovedFiles();
        return library;
    }

    /// <summary>Opens a library that must be there.</summary>
    /// <inheritdoc cref="OpenOrCreate"/>
    public static Library Open(LibraryOptions options, JobQueueOptions queue, string? name, TimeProvider time)
    {
        string folder = FolderOf(options, name);
        if (IsThere(options, name)) return new Library(folder, options, queue, time);
        string there = string.Join(", ", Names(options));
        throw new ProblemException(ProblemKind.NotFound, there.Length == 0
            ? $"There is no library '{Path.GetFileName(folder)}' in '{options.Root}' yet. Make it by adding books: ra ingest FOLDER"
            : $"There is no library '{Path.GetFileName(folder)}' in '{options.Root}'. There is: {there}.");
    }

    /// <param name="name">Null for the default one.</param>
    public static bool IsThere(LibraryOptions options, string? name) => File.Exists(Path.Combine(FolderOf(options, name), "library.db"));

    /// <summary>The libraries that are there.</summary>
    public static IReadOnlyList<string> Names(LibraryOptions options) => Directory.Exists(options.Root)
        ? [.. Directory.GetDirectories(options.Root).Where(folder => File.Exists(Path.Combine(folder, "library.db"))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The document as it was read, without needing its file.</summary>
    /// <exception cref="ProblemException">It was removed, or it was not read yet.</exception>
    public Document LoadDocument(long id) =>
        Database.Read(connection => DocumentContent.Load(connection, id))
        ?? throw new ProblemException(ProblemKind.NotFound, Documents.Get(id) is { } known
            ? $"'{known.Title}' was not read yet{(known.Problem is null ? "" : $": {known.Problem}")}. See 'ra status'."
            : $"The library '{Name}' has no document {id} any more.");

    /// <summary>The passages of a document in order; none before it is searchable.</summary>
    public IReadOnlyList<StoredPassage> LoadPassages(long document) => Database.Read(connection => PassageRows.Load(connection, document));

    /// <summary>Null when the passage's document was removed or replaced.</summary>
    public StoredPassage? FindPassage(long id) => Database.Read(connection => PassageRows.Get(connection, id));

    /// <summary>Where a passage stands; null when its document was removed or replaced.</summary>
    public PassagePlace? PlaceOf(StoredPassage passage) => Database.Read(connection => PassagePlaces.Find(connection, passage));

    /// <summary>The passage so many places after another in its document, or before it; null at the ends.</summary>
    public StoredPassage? Neighbour(StoredPassage passage, int distance) =>
        Database.Read(connection => PassagePlaces.Numbered(connection, passage.Document, passage.Passage.Index + distance));

    /// <summary>Titles of all documents and sections.</summary>
    public IReadOnlyList<CatalogTitle> Titles() => Database.Read(PassagePlaces.Titles);

    /// <summary>Ids of the passages of a document, or of one section of it.</summary>
    public IReadOnlyList<long> PassagesOf(long document, int? section = null) => Database.Read(connection => PassagePlaces.IdsOf(connection, document, section));

    public SizesOnDisk SizesOf(CatalogDocument document) => Database.Read(connection => new SizesOnDisk(
        connection.Scalar<long>("SELECT LENGTH(utf8) FROM texts WHERE document = @id", ("@id", document.Id)),
        connection.Scalar<long>("SELECT SUM(OCTET_LENGTH(text) + OCTET_LENGTH(headings)) FROM passages WHERE document = @id", ("@id", document.Id)),
        connection.Scalar<long>(
            "SELECT SUM(LENGTH(vector)) FROM embeddings WHERE embedded_hash IN (SELECT embedded_hash FROM passages WHERE document = @id)",
            ("@id", document.Id)),
        FilesOf(document.ContentHash).Sum(file => new FileInfo(file).Length)));

    /// <summary>Removes a document: its rows at once, then its files.</summary>
    public void Remove(long id)
    {
        Documents.Remove(id);
        DeleteRemovedFiles();
        DeleteExactIndex();
        Database.Shrink();
    }

    /// <summary>Deletes the files of documents whose rows are gone. What cannot be deleted now is tried again the next time.</summary>
    public void DeleteRemovedFiles()
    {
        foreach (string hash in Database.Read(connection => connection.Query("SELECT content_hash FROM deletions", row => row.GetString(0))))
        {
            try
            {
                foreach (string file in FilesOf(hash)) File.Delete(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Windows keeps files that another process reads.
                continue;
            }
            Database.Write(connection => connection.Execute("DELETE FROM deletions WHERE content_hash = @hash", ("@hash", hash)));
        }
        DeleteFinishedPages();
    }

    /// <summary>Deletes files that work on a document wrote while, or after, the document was removed or replaced.</summary>
    public void DeleteFilesIfRemoved(CatalogDocument document)
    {
        if (Documents.Get(document.Id) is null)
        {
            Database.Write(connection => connection.Execute("INSERT OR IGNORE INTO deletions SELECT @hash WHERE NOT EXISTS "
                + "(SELECT 1 FROM documents WHERE content_hash = @hash)", ("@hash", document.ContentHash)));
        }
        DeleteRemovedFiles();
    }

    /// <summary>The files that belong to the document with this content.</summary>
    public IReadOnlyList<string> FilesOf(string contentHash) =>
        Directory.Exists(MemoryFolder) ? Directory.GetFiles(MemoryFolder, contentHash + "*") : [];

    public void Dispose() => Database.Dispose();

    /// <summary>
    /// Deletes the copy of all vectors, which the next search makes again in a moment. A graph takes longer to build: it lets go of the vectors at
    /// the next search.
    /// </summary>
    private void DeleteExactIndex()
    {
        if (!Directory.Exists(VectorFolder)) return;
        foreach (string index in Directory.GetFiles(VectorFolder, $"{VectorIndexes.FilePrefix}*.exact"))
        {
            try
            {
                File.Delete(index);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Windows keeps files that another process searches; the next search lets go of the vectors.
            }
        }
    }

    /// <summary>Deletes what was kept of documents that nobody is to read any more.</summary>
    private void DeleteFinishedPages()
    {
        if (!Directory.Exists(UnfinishedFolder)) return;
        HashSet<string> unread = [.. Database.Read(connection => connection.Query(
            "SELECT content_hash FROM documents JOIN jobs ON jobs.document = documents.id WHERE goal = @extracted AND state <> 'failed'",
            row => row.GetString(0), ("@extracted", (int)DocumentStage.Extracted)))];
        foreach (string file in Directory.GetFiles(UnfinishedFolder))
            if (!unread.Contains(Path.GetFileName(file).Split('.')[0])) File.Delete(file);
    }

    /// <summary>Where a library is, whether it is there or not.</summary>
    /// <param name="name">Null for the default one.</param>
    /// <exception cref="ProblemException">The name cannot be one of a library.</exception>
    public static string FolderOf(LibraryOptions options, string? name)
    {
        string library = name ?? options.Default;
        if (!LibraryOptions.IsName(library))
        {
            throw new ProblemException(ProblemKind.Setting,
                $"'{library}' cannot be the name of a library. Use letters, digits, '.', '-' and '_', beginning with a letter or digit, at most 64.");
        }
        return Path.Combine(Path.GetFullPath(options.Root), library);
    }
}
