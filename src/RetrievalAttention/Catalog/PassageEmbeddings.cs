using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>A passage's vector, as an index takes it.</summary>
public sealed record PassageVector(long Passage, long Document, float[] Vector);

/// <summary>
/// Embeddings of passages, kept by embedder and by what was embedded: equal passages share one, and a passage that did not change in a new
/// version of its document is not embedded again.
/// </summary>
public sealed class PassageEmbeddings(LibraryDatabase database)
{
    private const string Missing = "NOT EXISTS (SELECT 1 FROM embeddings WHERE embedder = @embedder AND embeddings.embedded_hash = passages.embedded_hash)";

    /// <summary>Numbers of the passages of a document that this embedder has not embedded, one for each distinct text.</summary>
    public IReadOnlySet<long> MissingOf(long document, string embedder) => database.Read(connection => connection.Query(
        $"SELECT MIN(id) FROM passages WHERE document = @document AND {Missing} GROUP BY embedded_hash",
        row => row.GetInt64(0), ("@document", document), ("@embedder", embedder))).ToHashSet();

    /// <summary>Stores vectors of passages that are still there.</summary>
    public void Add(string embedder, IEnumerable<(StoredPassage Passage, ReadOnlyMemory<float> Vector)> embedded) => database.Write(connection =>
        connection.ExecuteMany(
            "INSERT OR IGNORE INTO embeddings SELECT @embedder, embedded_hash, @vector FROM passages WHERE id = @passage",
            embedded, ["@embedder", "@vector", "@passage"],
            e => [embedder, MemoryMarshal.AsBytes(e.Vector.Span).ToArray(), e.Passage.Id]));

    /// <summary>The vectors of all passages, in the order of their numbers, read as they are taken.</summary>
    public T Read<T>(string embedder, Func<IEnumerable<PassageVector>, T> use) => database.Read(connection => use(ReadRows(connection, embedder)));

    /// <summary>Ids of all passages that this embedder has embedded.</summary>
    public IReadOnlyList<long> PassagesOf(string embedder) => database.Read(connection => connection.Query(
        "SELECT passages.id FROM passages JOIN embeddings ON embeddings.embedded_hash = passages.embedded_hash WHERE embedder = @embedder",
        row => row.GetInt64(0), ("@embedder", embedder)));

    /// <summary>Vectors of passages; those that have none or are gone are left out.</summary>
    public IReadOnlyList<PassageVector> Find(string embedder, IEnumerable<long> passages) => database.Read(connection =>
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT document, vector FROM passages JOIN embeddings ON embeddings.embedded_hash = passages.embedded_hash WHERE passages.id = @id AND embedder = @embedder";
        command.Parameters.AddWithValue("@embedder", embedder);
        SqliteParameter id = command.Parameters.AddWithValue("@id", 0L);
        List<PassageVector> found = [];
        foreach (long passage in passages)
        {
            id.Value = passage;
            using SqliteDataReader row = command.ExecuteReader();
            if (row.Read()) found.Add(new PassageVector(passage, row.GetInt64(0), MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(1)).ToArray()));
        }
        return found;
    });

    /// <param name="texts">SHA-256 of what was embedded, lower-case hexadecimal.</param>
    /// <returns>The vectors that are there, by text.</returns>
    public IReadOnlyDictionary<string, float[]> FindByText(string embedder, IEnumerable<string> texts) => database.Read(connection =>
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT vector FROM embeddings WHERE embedder = @embedder AND embedded_hash = @hash";
        command.Parameters.AddWithValue("@embedder", embedder);
        SqliteParameter hash = command.Parameters.AddWithValue("@hash", Array.Empty<byte>());
        Dictionary<string, float[]> found = [];
        foreach (string text in texts)
        {
            hash.Value = Convert.FromHexString(text);
            if (command.ExecuteScalar() is byte[] vector) found[text] = MemoryMarshal.Cast<byte, float>(vector).ToArray();
        }
        return found;
    });

    private static IEnumerable<PassageVector> ReadRows(SqliteConnection connection, string embedder)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT passages.id, document, vector FROM passages JOIN embeddings ON embeddings.embedded_hash = passages.embedded_hash
            WHERE embedder = @embedder ORDER BY passages.id
            """;
        command.Parameters.AddWithValue("@embedder", embedder);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) yield return new PassageVector(row.GetInt64(0), row.GetInt64(1), MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(2)).ToArray());
    }
}
