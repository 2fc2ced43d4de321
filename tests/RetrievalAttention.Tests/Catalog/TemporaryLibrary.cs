using System.Security.Cryptography;
using System.Text;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Catalog;

/// <summary>A clock that moves only when told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Move(TimeSpan by) => _now += by;
}

/// <summary>A library in a folder of its own, which goes with it; and a folder of files beside it.</summary>
internal sealed class TemporaryLibrary : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ra-tests-").FullName;
    private readonly List<Library> _opened = [];

    public TemporaryLibrary(JobQueueOptions? queue = null)
    {
        Queue = queue ?? new JobQueueOptions();
        Options = new LibraryOptions { Root = Path.Combine(_root, "indexes"), BusySeconds = 5 };
        Files = Directory.CreateDirectory(Path.Combine(_root, "files")).FullName;
        Library = OpenAgain();
    }

    public ManualTime Time { get; } = new();

    public LibraryOptions Options { get; }

    public JobQueueOptions Queue { get; }

    public Library Library { get; }

    public string Files { get; }

    /// <summary>Another connection to the same library, as another process has.</summary>
    public Library OpenAgain()
    {
        Library library = Library.OpenOrCreate(Options, Queue, null, Time);
        _opened.Add(library);
        return library;
    }

    public string Write(string name, string content)
    {
        string path = Path.Combine(Files, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Registers a file that need not exist.</summary>
    public Registration Register(string name, string content, int version = 1) => Library.Files.Register(
        new FileState(Path.Combine(Files, name), content.Length, new DateTime(2020, 1, version, 0, 0, 0, DateTimeKind.Utc)), HashOf(content));

    /// <summary>Every table with its rows as text, documents named by their content, without what differs between equal libraries: numbers, times.</summary>
    public SortedDictionary<string, List<string>> Rows() => Library.Database.Read(connection =>
    {
        Dictionary<long, string> hashes = connection.Query("SELECT id, content_hash FROM documents", row => (row.GetInt64(0), row.GetString(1))).ToDictionary();
        SortedDictionary<string, List<string>> tables = [];
        List<string> names = connection.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'words_%'", row => row.GetString(0));
        foreach (string table in (string[])["words_english", "words_plain", "words_pairs"])
        {
            tables[table] = connection.Query($"SELECT document, number FROM {table}_docsize w LEFT JOIN passages ON passages.id = w.id",
                row => row.IsDBNull(0) ? "a passage that is gone" : $"{hashes[row.GetInt64(0)]} {row.GetInt64(1)}");
            tables[table].Sort(StringComparer.Ordinal);
        }
        foreach (string table in names)
        {
            tables[table] = connection.Query($"SELECT * FROM \"{table}\"", row => string.Join(" | ", Enumerable.Range(0, row.FieldCount)
                .Where(i => row.GetName(i) is not ("id" or "rowid" or "added_at" or "mtime" or "started_at" or "seen_at" or "lease_until"))
                .Select(i => row.GetName(i) is "document" or "replaces" && !row.IsDBNull(i) ? $"{row.GetName(i)}={hashes[row.GetInt64(i)]}" : $"{row.GetName(i)}={Text(row.GetValue(i))}")));
            tables[table].Sort(StringComparer.Ordinal);
        }
        return tables;
    });

    public void Dispose()
    {
        foreach (Library library in _opened) library.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    public static string HashOf(string content) => ContentHash.Of(Encoding.UTF8.GetBytes(content));

    private string Text(object value) => value is byte[] bytes ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : $"{value}".Replace(_root, "", StringComparison.Ordinal);
}
