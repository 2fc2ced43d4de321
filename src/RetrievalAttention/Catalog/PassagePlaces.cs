using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>Where a passage stands, for a person.</summary>
/// <param name="Document">Path of the file when it was seen last.</param>
/// <param name="Section">Heading path, joined by " › "; empty when there is none.</param>
/// <param name="Page">Label of the printed page where it begins; null without pages.</param>
/// <param name="Start">First character: in the decoded file where the text is a slice of it, in the extracted text otherwise.</param>
/// <param name="End">One past the last character, counted alike.</param>
/// <param name="Language">BCP 47 code; null when unknown.</param>
public sealed record PassagePlace(string Document, string Title, string Section, string? Page, int Start, int End, string? Language);

/// <param name="Section">Number of the section; null for the title of the whole document.</param>
public sealed record CatalogTitle(long Document, int? Section, string Title);

/// <summary>Reads places of passages without loading their documents.</summary>
internal static class PassagePlaces
{
    public static PassagePlace? Find(SqliteConnection connection, StoredPassage stored) => connection.Query(
        """
        SELECT path, title, source_offset, language,
            (SELECT headings FROM sections WHERE sections.document = documents.id AND number = @section),
            (SELECT label FROM pages WHERE pages.document = documents.id AND start <= @start ORDER BY number DESC LIMIT 1)
        FROM documents WHERE id = @document
        """,
        row =>
        {
            int offset = (int)(row.NumberOrNull(2) ?? 0);
            string section = row.TextOrNull(4) is { } headings ? string.Join(" › ", DocumentContent.FromJson(headings)) : "";
            return new PassagePlace(row.GetString(0), row.GetString(1), section, row.TextOrNull(5), offset + stored.Passage.Start, offset + stored.Passage.End, row.TextOrNull(3));
        },
        ("@document", stored.Document), ("@section", stored.Passage.Section), ("@start", stored.Passage.Start)).SingleOrDefault();

    /// <summary>Titles of all documents and all headings on the paths of their sections.</summary>
    public static IReadOnlyList<CatalogTitle> Titles(SqliteConnection connection) =>
    [
        .. connection.Query("SELECT id, title FROM documents WHERE replaces IS NULL", row => new CatalogTitle(row.GetInt64(0), null, row.GetString(1))),
        .. connection.Query("SELECT document, number, headings FROM sections WHERE headings <> '[]'", row => (Document: row.GetInt64(0), Section: row.GetInt32(1), Headings: row.GetString(2)))
            .SelectMany(section => DocumentContent.FromJson(section.Headings).Select(title => new CatalogTitle(section.Document, section.Section, title))),
    ];

    public static IReadOnlyList<long> IdsOf(SqliteConnection connection, long document, int? section) => connection.Query(
        "SELECT id FROM passages WHERE document = @document AND (@section IS NULL OR section = @section)",
        row => row.GetInt64(0), ("@document", document), ("@section", section));

    public static StoredPassage? Numbered(SqliteConnection connection, long document, int number) =>
        connection.Scalar<long>("SELECT id FROM passages WHERE document = @document AND number = @number", ("@document", document), ("@number", number)) is var id and > 0
            ? PassageRows.Get(connection, id) : null;
}
