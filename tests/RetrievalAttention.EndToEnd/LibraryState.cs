using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace RetrievalAttention.EndToEnd;

/// <summary>Everything a library holds as lines of text, without times and without the numbers that depend on the order of work.</summary>
internal static class LibraryState
{
    private static readonly HashSet<string> Left = ["id", "rowid", "added_at", "mtime", "started_at", "seen_at", "lease_until"];

    public static IReadOnlyList<string> Of(string folder)
    {
        List<string> lines = [];
        using SqliteConnection connection = new($"Data Source={Path.Combine(folder, "library.db")};Pooling=false");
        connection.Open();
        Dictionary<long, string> documents = Query(connection, "SELECT id, content_hash FROM documents").ToDictionary(row => (long)row[0], row => (string)row[1]);
        foreach (object[] table in Query(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'words%'"))
            lines.AddRange(Rows(connection, (string)table[0], documents));
        foreach (string kept in (string[])["memory", "unfinished"])
        {
            string files = Path.Combine(folder, kept);
            if (Directory.Exists(files))
                lines.AddRange(Directory.GetFiles(files).Select(file => $"{kept}/{Path.GetFileName(file)}: {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}"));
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static IEnumerable<string> Rows(SqliteConnection connection, string table, Dictionary<long, string> documents)
    {
        string[] columns = [.. Query(connection, $"SELECT name FROM pragma_table_info('{table}')").Select(row => (string)row[0])];
        foreach (object[] row in Query(connection, $"SELECT * FROM {table}"))
        {
            yield return $"{table}: " + string.Join(" | ", columns.Zip(row).Where(cell => !Left.Contains(cell.First)).Select(cell => cell switch
            {
                ("document" or "replaces", long id) => $"{cell.First}={documents[id]}",
                (_, byte[] bytes) => $"{cell.First}={Convert.ToHexStringLower(SHA256.HashData(bytes))}",
                _ => $"{cell.First}={cell.Second}",
            }));
        }
    }

    private static List<object[]> Query(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        List<object[]> rows = [];
        while (reader.Read())
        {
            object[] row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }
}
