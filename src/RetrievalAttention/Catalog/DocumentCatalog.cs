using System.Text;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Catalog;

/// <summary>The documents of a library: listing, finding by a part of the title or path, removing.</summary>
public sealed class DocumentCatalog(LibraryDatabase database)
{
    private const string Columns =
        """
        SELECT id, content_hash, path, size, title, author, language, format, pages, characters, tokens, stage, warnings, replaces, added_at,
               (SELECT last_error FROM jobs WHERE document = documents.id AND state = 'failed' ORDER BY goal LIMIT 1)
        FROM documents
        """;

    /// <summary>All documents in the order in which they were added; of a file that was edited, the version in use.</summary>
    public IReadOnlyList<CatalogDocument> List() =>
        database.Read(connection => connection.Query($"{Columns} WHERE replaces IS NULL ORDER BY id", FromRow));

    /// <summary>Newer versions that were read or are being read, but are not searchable yet.</summary>
    public IReadOnlyList<CatalogDocument> ListPendingVersions() =>
        database.Read(connection => connection.Query($"{Columns} WHERE replaces IS NOT NULL ORDER BY id", FromRow));

    /// <summary>Null when the document was removed.</summary>
    public CatalogDocument? Get(long id) =>
        database.Read(connection => connection.Query($"{Columns} WHERE id = @id", FromRow, ("@id", id)).SingleOrDefault());

    /// <summary>
    /// The document named by a part of its title or path. A complete title, path or file name wins over a part; case, and the marks
    /// between words, do not matter.
    /// </summary>
    /// <exception cref="ProblemException">None or several match; the message lists them.</exception>
    public CatalogDocument Find(string book)
    {
        IReadOnlyList<CatalogDocument> all = List();
        string wanted = Words(book);
        if (wanted.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"'{book}' names no book. Give a part of its title or path.");

        if (all.FirstOrDefault(d => d.Path == book) is { } exact) return exact;
        List<CatalogDocument> found = [.. all.Where(d => NamesOf(d).Any(name => Words(name) == wanted))];
        if (found.Count == 0) found = [.. all.Where(d => NamesOf(d).Any(name => Words(name).Contains(wanted, StringComparison.Ordinal)))];
        if (found.Count == 1) return found[0];

        throw found.Count == 0
            ? new ProblemException(ProblemKind.NotFound, $"No book of this library has '{book}' in its title or path. {Candidates("It holds", all)}")
            : new ProblemException(ProblemKind.NotFound, $"'{book}' can mean {found.Count} books. {Candidates("Name one of", found)}");
    }

    /// <summary>Where each section of a document begins and ends.</summary>
    public IReadOnlyList<Section> Sections(long id) => database.Read(connection => DocumentContent.LoadSections(connection, id));

    /// <summary>Removes a document with its pending newer version. Its files are deleted by <see cref="Library.DeleteRemovedFiles"/>.</summary>
    public void Remove(long id) => database.Write(connection =>
    {
        foreach (long version in connection.Query("SELECT id FROM documents WHERE replaces = @id", row => row.GetInt64(0), ("@id", id)))
            Delete(connection, version);
        Delete(connection, id);
    });

    /// <summary>Deletes every row of a document and notes that its files are to go.</summary>
    internal static void Delete(SqliteConnection connection, long id)
    {
        connection.Execute("INSERT OR IGNORE INTO deletions SELECT content_hash FROM documents WHERE id = @id", ("@id", id));
        connection.Execute(
            """
            DELETE FROM embeddings WHERE embedded_hash IN (SELECT embedded_hash FROM passages WHERE document = @id)
                AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.embedded_hash = embeddings.embedded_hash AND document <> @id)
            """,
            ("@id", id));
        PassageRows.Delete(connection, id);
        connection.Execute("DELETE FROM documents WHERE id = @id", ("@id", id));
    }

    /// <summary>Lets a newer version that is searchable now take the place of the old one.</summary>
    internal static void TakePlaceOfOldVersion(SqliteConnection connection, long id)
    {
        long old = connection.Scalar<long>("SELECT replaces FROM documents WHERE id = @id", ("@id", id));
        if (old == 0) return;
        connection.Execute("UPDATE documents SET replaces = NULL WHERE id = @id", ("@id", id));
        Delete(connection, old);
    }

    private static IEnumerable<string> NamesOf(CatalogDocument document) =>
        [document.Title, document.Path, Path.GetFileName(document.Path), Path.GetFileNameWithoutExtension(document.Path)];

    /// <summary>"Treasure-Island.txt" becomes "treasure island txt".</summary>
    private static string Words(string text)
    {
        StringBuilder words = new(text.Length);
        foreach (char letter in text.Normalize(NormalizationForm.FormC))
        {
            if (char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) || char.IsSymbol(letter)) words.Append(char.ToLowerInvariant(letter));
            else if (words.Length > 0 && words[^1] != ' ') words.Append(' ');
        }
        return words.ToString().Trim();
    }

    private static string Candidates(string lead, IReadOnlyList<CatalogDocument> documents)
    {
        const int Shown = 10;
        if (documents.Count == 0) return "The library is empty; add books with 'ra ingest'.";
        IEnumerable<string> lines = documents.Take(Shown).Select(d => $"\n  {d.Title} ({d.Path})");
        string more = documents.Count > Shown ? $"\n  and {documents.Count - Shown} more" : "";
        return $"{lead}:{string.Concat(lines)}{more}";
    }

    private static CatalogDocument FromRow(SqliteDataReader row) => new()
    {
        Id = row.GetInt64(0),
        ContentHash = row.GetString(1),
        Path = row.GetString(2),
        Size = row.GetInt64(3),
        Title = row.GetString(4),
        Author = row.TextOrNull(5),
        Language = row.TextOrNull(6),
        Format = row.IsDBNull(7) ? null : (Documents.DocumentFormat)row.GetInt32(7),
        Pages = row.GetInt32(8),
        Characters = row.GetInt64(9),
        Tokens = row.NumberOrNull(10),
        Stage = (DocumentStage)row.GetInt32(11),
        Warnings = DocumentContent.FromJson(row.GetString(12)),
        Replaces = row.NumberOrNull(13),
        AddedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(14)),
        Problem = row.TextOrNull(15),
    };
}
