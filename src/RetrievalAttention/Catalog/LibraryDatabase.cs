using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>
/// The SQLite file of a library: one writer connection with immediate transactions, readers beside it (write-ahead log), and
/// every failure of SQLite explained. Safe to use from several threads and several processes.
/// </summary>
public sealed class LibraryDatabase : IDisposable
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private readonly Lock _writing = new();
    private readonly SqliteConnection _writer;
    private readonly string _path;
    private readonly int _busySeconds;

    private LibraryDatabase(string path, int busySeconds)
    {
        _path = path;
        _busySeconds = busySeconds;
        _writer = Guarded(Connect);
    }

    /// <summary>Opens the file, or makes it, and brings its tables to the version of this program.</summary>
    /// <exception cref="ProblemException">Written by a newer version, damaged, locked for too long, or not writable.</exception>
    public static LibraryDatabase Open(string path, int busySeconds) => Open(path, busySeconds, Schema.Versions);

    internal static LibraryDatabase Open(string path, int busySeconds, IReadOnlyList<Action<SqliteConnection>> versions)
    {
        LibraryDatabase database = new(path, busySeconds);
        try
        {
            database.Migrate(versions);
            return database;
        }
        catch (ProblemException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs queries that see one state of the library.</summary>
    public T Read<T>(Func<SqliteConnection, T> query) => Guarded(() =>
    {
        using SqliteConnection connection = Connect();
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        return query(connection);
    });

    /// <summary>Runs changes that all happen or none.</summary>
    public T Write<T>(Func<SqliteConnection, T> change)
    {
        lock (_writing)
        {
            return Guarded(() =>
            {
                using SqliteTransaction transaction = _writer.BeginTransaction();
                T result = change(_writer);
                transaction.Commit();
                return result;
            });
        }
    }

    /// <inheritdoc cref="Write{T}(Func{SqliteConnection, T})"/>
    public void Write(Action<SqliteConnection> change) => Write(connection =>
    {
        change(connection);
        return true;
    });

    /// <summary>Gives the space of removed rows back to the file system.</summary>
    public void Shrink()
    {
        lock (_writing) Guarded(() => _writer.Execute("PRAGMA incremental_vacuum"));
    }

    public void Dispose()
    {
        SqliteConnection.ClearPool(_writer);
        _writer.Dispose();
    }

    private SqliteConnection Connect()
    {
        SqliteConnectionStringBuilder settings = new() { DataSource = _path, ForeignKeys = true, DefaultTimeout = _busySeconds };
        SqliteConnection connection = new(settings.ConnectionString);
        connection.Open();
        // auto_vacuum only has an effect on a new file. NORMAL loses no commit when the program dies, and keeps the file whole when the power does.
        connection.Execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        return connection;
    }

    private void Migrate(IReadOnlyList<Action<SqliteConnection>> versions) => Write(connection =>
    {
        int found = (int)connection.Scalar<long>("PRAGMA user_version");
        if (found > versions.Count)
        {
            throw new ProblemException(ProblemKind.Index,
                $"'{_path}' was written by a newer version of this program (library version {found}; this one knows up to {versions.Count}). "
                + "Update the program, or name another library with --library.");
        }
        for (int version = found; version < versions.Count; version++)
        {
            versions[version](connection);
            connection.Execute($"PRAGMA user_version = {version + 1}");
        }
    });

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error)
        {
            throw Explain(error);
        }
    }

    private ProblemException Explain(SqliteException error) => error.SqliteErrorCode switch
    {
        Full => new(ProblemKind.Environment,
            $"There is no space left for '{_path}'. Free some space and run the same command again; what was done is kept.", error),
        ReadOnly or CannotOpen or InputOutput => new(ProblemKind.Environment,
            $"'{_path}' cannot be opened for writing ({error.Message}). Check that its folder exists, that you may write to it, and that the disk is "
            + "healthy; or keep libraries elsewhere (Library:Root in appsettings.json).", error),
        Busy or Locked => new(ProblemKind.Environment,
            $"'{_path}' was locked by another program for more than {_busySeconds} s. Try again, or stop the other program.", error),
        Corrupt or NotADatabase => new(ProblemKind.Index,
            $"'{_path}' is damaged or is no library ({error.Message}). Move its folder away and ingest the documents again.", error),
        _ => new(ProblemKind.Index, $"'{_path}': SQLite says \"{error.Message}\".", error),
    };
}
