using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Catalog;

/// <summary>A passage of the library with the number that the indexes know it by.</summary>
/// <param name="Id">Never used again for another passage.</param>
/// <param name="EmbeddedHash">SHA-256 of what the embedder sees, lower-case hexadecimal.</param>
public sealed record StoredPassage(long Id, long Document, Passage Passage, string EmbeddedHash);

/// <summary>Passages as rows.</summary>
internal static class PassageRows
{
    private const string Columns = "SELECT id, document, number, section, start, end, tokens, headings, text, embedded_hash FROM passages";

    /// <summary>Replaces the passages of a document, makes them searchable by their words, and deletes the embeddings of texts that none has any more.</summary>
    /// <param name="language">BCP 47 code of the document; null when unknown.</param>
    public static void Store(SqliteConnection connection, long document, string? language, IReadOnlyList<Passage> passages)
    {
        List<byte[]> before = connection.Query("SELECT DISTINCT embedded_hash FROM passages WHERE document = @document", row => row.GetFieldValue<byte[]>(0), ("@document", document));
        Delete(connection, document);
        connection.ExecuteMany(
            """
            INSERT INTO passages(document, number, section, start, end, tokens, headings, text, embedded_hash)
            VALUES(@document, @number, @section, @start, @end, @tokens, @headings, @text, @hash)
            """,
            passages, ["@document", "@number", "@section", "@start", "@end", "@tokens", "@headings", "@text", "@hash"],
            p => [document, p.Index, p.Section, p.Start, p.End, p.Tokens, HeadingsOf(p), p.Text, HashOf(p)]);
        connection.ExecuteMany(
            "DELETE FROM embeddings WHERE embedded_hash = @hash AND NOT EXISTS (SELECT 1 FROM passages WHERE embedded_hash = @hash)", before, ["@hash"], hash => [hash]);
        connection.Execute("UPDATE documents SET tokens = @tokens WHERE id = @document",
            ("@tokens", passages.Sum(p => (long)p.Tokens)), ("@document", document));
        foreach ((long id, Passage passage) in IdsOf(connection, document).Zip(passages)) WordIndex.Add(connection, id, document, passage.EmbeddedText, language);
    }

    /// <summary>Deletes the passages of a document with their words; embeddings stay for whoever has the same text.</summary>
    public static void Delete(SqliteConnection connection, long document)
    {
        WordIndex.Remove(connection, IdsOf(connection, document));
        connection.Execute("DELETE FROM passages WHERE document = @document", ("@document", document));
    }

    public static IReadOnlyList<StoredPassage> Load(SqliteConnection connection, long document) =>
        connection.Query($"{Columns} WHERE document = @document ORDER BY number", FromRow, ("@document", document));

    public static StoredPassage? Get(SqliteConnection connection, long id) =>
        connection.Query($"{Columns} WHERE id = @id", FromRow, ("@id", id)).SingleOrDefault();

    private static List<long> IdsOf(SqliteConnection connection, long document) =>
        connection.Query("SELECT id FROM passages WHERE document = @document ORDER BY number", row => row.GetInt64(0), ("@document", document));

    private static string HeadingsOf(Passage passage) =>
        passage.EmbeddedText.Length == passage.Text.Length ? "" : passage.EmbeddedText[..(passage.EmbeddedText.Length - passage.Text.Length)];

    private static byte[] HashOf(Passage passage) => SHA256.HashData(Encoding.UTF8.GetBytes(passage.EmbeddedText));

    private static StoredPassage FromRow(SqliteDataReader row)
    {
        string text = row.GetString(8);
        Passage passage = new(row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5), text, row.GetString(7) + text, row.GetInt32(6));
        return new StoredPassage(row.GetInt64(0), row.GetInt64(1), passage, Convert.ToHexStringLower(row.GetFieldValue<byte[]>(9)));
    }
}
