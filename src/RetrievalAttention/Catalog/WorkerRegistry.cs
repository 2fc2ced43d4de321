using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>
/// Who works on a library. Each worker holds an exclusive lock on a file of its own; the operating system lets go of it when the process
/// ends, however it ends, so that a dead worker is known at once and never by guessing from clocks or process numbers.
/// </summary>
public sealed class WorkerRegistry(string folder, LibraryDatabase database, TimeProvider time)
{
    /// <summary>Announces a worker until the presence is disposed.</summary>
    /// <param name="kind">For a person: "ingest", "worker".</param>
    public WorkerPresence Enter(string kind)
    {
        Directory.CreateDirectory(folder);
        string id = Guid.NewGuid().ToString("N");
        // First the row, by itself: of a worker that is killed while it makes its lock, the lock is found and deleted.
        database.Write(Note);
        FileStream held = database.Write(connection =>
        {
            ForgetTheDead(connection);
            Note(connection);
            return new FileStream(LockOf(id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        });
        return new WorkerPresence(id, held, this);

        void Note(SqliteConnection connection) => connection.Execute("INSERT OR IGNORE INTO workers VALUES(@id, @kind, @host, @process, @now, @now)",
            ("@id", id), ("@kind", kind), ("@host", Environment.MachineName), ("@process", Environment.ProcessId), ("@now", Now()));
    }

    /// <summary>Whether the worker that the lease owner belongs to still runs.</summary>
    public bool IsAlive(string owner)
    {
        try
        {
            using FileStream free = new(LockOf(owner.Split('/')[0]), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The workers that are alive now.</summary>
    public IReadOnlyList<WorkerStatus> Alive() => database.Read(connection => connection.Query(
        "SELECT id, kind, host, process, started_at, seen_at FROM workers ORDER BY started_at, id",
        row => new WorkerStatus(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))))
        .Where(worker => IsAlive(worker.Id)).ToList();

    internal void Beat(string id) =>
        database.Write(connection => connection.Execute("UPDATE workers SET seen_at = @now WHERE id = @id", ("@now", Now()), ("@id", id)));

    internal void Leave(string id) => database.Write(connection => connection.Execute("DELETE FROM workers WHERE id = @id", ("@id", id)));

    private void ForgetTheDead(SqliteConnection connection)
    {
        foreach (string id in connection.Query("SELECT id FROM workers", row => row.GetString(0)).Where(id => !IsAlive(id)))
        {
            connection.Execute("DELETE FROM workers WHERE id = @id", ("@id", id));
            File.Delete(LockOf(id));
        }
    }

    private string LockOf(string id) => Path.Combine(folder, $"{id}.lock");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <param name="Kind">"ingest" or "worker".</param>
/// <param name="SeenAt">Its last sign of life.</param>
public sealed record WorkerStatus(string Id, string Kind, string Host, int Process, DateTimeOffset StartedAt, DateTimeOffset SeenAt);

/// <summary>A worker's sign of life; disposing it signs off.</summary>
public sealed class WorkerPresence : IDisposable
{
    private readonly FileStream _held;
    private readonly WorkerRegistry _registry;

    internal WorkerPresence(string id, FileStream held, WorkerRegistry registry)
    {
        Id = id;
        _held = held;
        _registry = registry;
    }

    public string Id { get; }

    public void Beat() => _registry.Beat(Id);

    public void Dispose()
    {
        _registry.Leave(Id);
        _held.Dispose();
    }
}
