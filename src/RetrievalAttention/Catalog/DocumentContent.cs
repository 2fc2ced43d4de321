using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Catalog;

/// <summary>A document's text and structure as rows. What is stored is loaded again, equal in every property.</summary>
internal static class DocumentContent
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Store(SqliteConnection connection, long id, Document document)
    {
        Clear(connection, id);
        connection.Execute(
            """
            UPDATE documents SET format = @format, title = @title, author = @author, language = @language, pages = @pages,
                characters = @characters, warnings = @warnings, source_offset = @offset, source_line = @line, tokens = NULL WHERE id = @id
            """,
            ("@id", id), ("@format", (int)document.Format), ("@title", document.Title), ("@author", document.Author),
            ("@language", document.Language), ("@pages", document.Pages.Count), ("@characters", document.Text.Length),
            ("@warnings", ToJson(document.Warnings)), ("@offset", document.SourceOffset), ("@line", document.SourceLine));
        connection.Execute("INSERT INTO texts VALUES(@id, @text)", ("@id", id), ("@text", Encoding.UTF8.GetBytes(document.Text)));
        connection.ExecuteMany("INSERT INTO sections VALUES(@id, @number, @headings, @start, @end)", document.Sections.Index(),
            ["@id", "@number", "@headings", "@start", "@end"], s => [id, s.Index, ToJson(s.Item.HeadingPath), s.Item.Start, s.Item.End]);
        connection.ExecuteMany("INSERT INTO pages VALUES(@id, @number, @label, @start, @end)", document.Pages,
            ["@id", "@number", "@label", "@start", "@end"], p => [id, p.Number, p.Label, p.Start, p.End]);
        connection.ExecuteMany("INSERT INTO paragraphs VALUES(@id, @number, @kind, @start, @end)", document.Paragraphs.Index(),
            ["@id", "@number", "@kind", "@start", "@end"], p => [id, p.Index, (int)p.Item.Kind, p.Item.Start, p.Item.End]);
    }

    /// <summary>Null when the document's text was not read yet.</summary>
    public static Document? Load(SqliteConnection connection, long id) => connection.Query(
        """
        SELECT path, format, title, author, language, content_hash, utf8, source_offset, warnings, source_line
        FROM documents JOIN texts ON texts.document = documents.id WHERE id = @id
        """,
        row => new Document
        {
            Path = row.GetString(0),
            Format = (Documents.DocumentFormat)row.GetInt32(1),
            Title = row.GetString(2),
            Author = row.TextOrNull(3),
            Language = row.TextOrNull(4),
            ContentHash = row.GetString(5),
            Text = Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(6)),
            SourceOffset = (int?)row.NumberOrNull(7),
            SourceLine = (int?)row.NumberOrNull(9),
            Warnings = FromJson(row.GetString(8)),
            Sections = LoadSections(connection, id),
            Pages = connection.Query("SELECT number, label, start, end FROM pages WHERE document = @id ORDER BY number",
                page => new PageSpan(page.GetInt32(0), page.GetString(1), page.GetInt32(2), page.GetInt32(3)), ("@id", id)),
            Paragraphs = connection.Query("SELECT start, end, kind FROM paragraphs WHERE document = @id ORDER BY number",
                paragraph => new Paragraph(paragraph.GetInt32(0), paragraph.GetInt32(1), (ParagraphKind)paragraph.GetInt32(2)), ("@id", id)),
        },
        ("@id", id)).SingleOrDefault();

    public static IReadOnlyList<Section> LoadSections(SqliteConnection connection, long id) => connection.Query(
        "SELECT headings, start, end FROM sections WHERE document = @id ORDER BY number",
        row => new Section(FromJson(row.GetString(0)), row.GetInt32(1), row.GetInt32(2)), ("@id", id));

    public static IReadOnlyList<string> FromJson(string list) => JsonSerializer.Deserialize<List<string>>(list, Json)!;

    private static string ToJson(IReadOnlyList<string> list) => JsonSerializer.Serialize(list, Json);

    private static void Clear(SqliteConnection connection, long id)
    {
        foreach (string table in (string[])["texts", "sections", "pages", "paragraphs"])
            connection.Execute($"DELETE FROM {table} WHERE document = @id", ("@id", id));
    }
}
