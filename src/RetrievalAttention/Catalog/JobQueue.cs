using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>
/// The durable queue. Goals: 1. a job is held by one worker at a time, whatever number of processes takes from the queue; 2. a worker
/// that dies gives its jobs back at once, one that hangs when its lease runs out; 3. a job that fails again and again without progress
/// is given up with its reason, and the queue goes on. Searchable text of all documents comes first, then embeddings, then memory.
/// </summary>
public sealed class JobQueue(LibraryDatabase database, WorkerRegistry workers, TimeProvider time, JobQueueOptions options)
{
    private const string LeaseRanOut = "state = 'running' AND (lease_until < @now OR lease_until > @latest)";
    private const string Held = "id = @id AND state = 'running' AND owner = @owner";

    /// <summary>How long a lease lasts without being renewed.</summary>
    public TimeSpan LeaseDuration { get; } = TimeSpan.FromSeconds(options.LeaseSeconds);

    /// <summary>How often a holder shows that it is alive.</summary>
    public TimeSpan RenewalInterval { get; } = TimeSpan.FromSeconds(Math.Min(5, options.LeaseSeconds / 4.0));

    /// <summary>Takes the next job that leads to one of the goals; null when there is none that nobody holds.</summary>
    public Job? Lease(string owner, IReadOnlySet<DocumentStage> goals) => database.Write(connection =>
    {
        TakeBackFromTheDead(connection);
        long now = Now();
        return connection.Query(
            $"""
            UPDATE jobs SET state = 'running', owner = @owner, lease_until = @until, attempts = attempts + 1,
                started_at = @now, started_done = done, seen_at = @now
            WHERE id = (SELECT id FROM jobs WHERE state = 'waiting' AND goal IN ({Numbers(goals)}) ORDER BY priority, attempts, document LIMIT 1)
            RETURNING id, document, goal, attempts, checkpoint, done
            """,
            row => new Job(row.GetInt64(0), row.GetInt64(1), (DocumentStage)row.GetInt32(2), owner, row.GetInt32(3), row.TextOrNull(4), row.GetInt64(5)),
            ("@owner", owner), ("@now", now), ("@until", now + (long)LeaseDuration.TotalMilliseconds)).SingleOrDefault();
    });

    /// <returns>False when the job is no longer the owner's: its lease ran out, or its document was removed.</returns>
    public bool Renew(Job job, WorkProgress progress) => database.Write(connection => connection.Execute(
        $"""
        UPDATE jobs SET lease_until = @until, seen_at = @now, done = MAX(done, @done), total = @total, unit = @unit WHERE {Held}
        """,
        [.. HeldParameters(job), ("@now", Now()), ("@until", Now() + (long)LeaseDuration.TotalMilliseconds),
            ("@done", progress.Done), ("@total", progress.Total), ("@unit", progress.Unit ?? "")]) > 0);

    /// <summary>Notes how far the work has come. Progress clears the count of attempts.</summary>
    /// <inheritdoc cref="Renew" path="/returns"/>
    public bool Checkpoint(Job job, string checkpoint, long done, long total, string unit) => database.Write(connection => connection.Execute(
        $"""
        UPDATE jobs SET checkpoint = @checkpoint, done = @done, total = @total, unit = @unit, attempts = 1, last_error = NULL,
            lease_until = @until, seen_at = @now WHERE {Held}
        """,
        [.. HeldParameters(job), ("@now", Now()), ("@until", Now() + (long)LeaseDuration.TotalMilliseconds),
            ("@checkpoint", checkpoint), ("@done", done), ("@total", total), ("@unit", unit)]) > 0);

    /// <summary>Stores the result, the stage reached and the next job in one transaction.</summary>
    /// <param name="store">Writes what the work produced.</param>
    /// <param name="next">Goal of the job that follows; null for the last one.</param>
    /// <inheritdoc cref="Renew" path="/returns"/>
    public bool Complete(Job job, Action<SqliteConnection> store, DocumentStage? next) => database.Write(connection =>
    {
        if (connection.Execute($"DELETE FROM jobs WHERE {Held}", HeldParameters(job)) == 0) return false;
        store(connection);
        ReachStage(connection, job);
        if (next is { } goal) Enqueue(connection, job.Document, goal);
        return true;
    });

    /// <summary>Gives a job back undone, as if it had not been begun; for cancelled work.</summary>
    public void Release(Job job) => database.Write(connection => connection.Execute(
        $"UPDATE jobs SET state = 'waiting', owner = NULL, lease_until = NULL, attempts = MAX(attempts - 1, 0) WHERE {Held}", HeldParameters(job)));

    /// <summary>Notes why an attempt failed. The job waits for another one, unless it had its last or another would be the same.</summary>
    /// <param name="final">Another attempt would end alike: the document itself is at fault.</param>
    public void Fail(Job job, string reason, bool final) => database.Write(connection => connection.Execute(
        $"UPDATE jobs SET state = iif(@final OR attempts >= @most, 'failed', 'waiting'), owner = NULL, lease_until = NULL, last_error = @reason WHERE {Held}",
        [.. HeldParameters(job), ("@reason", reason), ("@final", final), ("@most", options.MaxAttempts)]));

    /// <summary>Lets every job of a document, and of its pending newer version, be tried again.</summary>
    /// <returns>How many were given up before.</returns>
    public int Retry(long document) => database.Write(connection => connection.Execute(
        """
        UPDATE jobs SET state = 'waiting', attempts = 0, last_error = NULL
        WHERE state = 'failed' AND document IN (SELECT id FROM documents WHERE id = @document OR replaces = @document)
        """,
        ("@document", document)));

    /// <summary>Lets a document be read from its file again, as another password or other settings may read it otherwise.</summary>
    public void ReadAgain(long document) => database.Write(connection =>
    {
        connection.Execute("DELETE FROM jobs WHERE document = @document", ("@document", document));
        Enqueue(connection, document, DocumentStage.Extracted);
    });

    /// <summary>Adds the next job of every document that has none and has not reached the last of the goals.</summary>
    public void EnqueueMissing(IReadOnlySet<DocumentStage> goals) => database.Write(connection =>
    {
        foreach (DocumentStage goal in goals.Order())
        {
            List<long> documents = connection.Query(
                "SELECT id FROM documents WHERE stage = @before AND NOT EXISTS (SELECT 1 FROM jobs WHERE document = documents.id) ORDER BY id",
                row => row.GetInt64(0), ("@before", (int)goal - 1));
            foreach (long document in documents) Enqueue(connection, document, goal);
        }
    });

    /// <summary>Adds the job of embedding for every document that was embedded by another embedder than this one.</summary>
    public void EnqueueForEmbedder(string embedder) => database.Write(connection =>
    {
        List<long> documents = connection.Query(
            "SELECT id FROM documents WHERE stage >= @embedded AND embedder IS NOT @embedder ORDER BY id",
            row => row.GetInt64(0), ("@embedded", (int)DocumentStage.Embedded), ("@embedder", embedder));
        foreach (long document in documents) Enqueue(connection, document, DocumentStage.Embedded);
    });

    /// <summary>Adds the job of reading into memory for every document that was read before and is not as it would be read now.</summary>
    /// <param name="isRead">Whether the document with a content hash is.</param>
    public void EnqueueForMemory(Func<string, bool> isRead)
    {
        long[] unread =
        [
            .. database.Read(connection => connection.Query(
                "SELECT id, content_hash FROM documents WHERE stage >= @remembered AND EXISTS (SELECT 1 FROM passages WHERE document = documents.id) ORDER BY id",
                row => (Id: row.GetInt64(0), Hash: row.GetString(1)), ("@remembered", (int)DocumentStage.Remembered)))
                .Where(document => !isRead(document.Hash)).Select(document => document.Id),
        ];
        if (unread.Length == 0) return;
        database.Write(connection =>
        {
            // One may have been removed meanwhile.
            foreach (long id in unread)
                if (connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM documents WHERE id = @id)", ("@id", id)) != 0) Enqueue(connection, id, DocumentStage.Remembered);
        });
    }

    /// <summary>Whether any job that leads to one of the goals is waiting or held.</summary>
    public bool HasOpen(IReadOnlySet<DocumentStage> goals) => database.Read(connection =>
        connection.Scalar<long>($"SELECT EXISTS (SELECT 1 FROM jobs WHERE state <> 'failed' AND goal IN ({Numbers(goals)}))") != 0);

    /// <summary>How much is to be done until every document has reached the last of the goals.</summary>
    public QueueSize Size(IReadOnlySet<DocumentStage> goals) => database.Read(connection => QueueSize.Of(connection, goals));

    /// <summary>Every job, in the order in which they will be done. Only what a living worker holds is shown as running.</summary>
    public IReadOnlyList<JobStatus> Status() => database.Read(connection =>
    {
        long now = Now();
        return connection.Query(
            """
            SELECT document, title, goal, state, attempts, last_error, done, total, unit, owner, lease_until, started_at, started_done, seen_at
            FROM jobs JOIN documents ON documents.id = document ORDER BY state = 'waiting', priority, attempts, document
            """,
            row =>
            {
                bool running = row.GetString(3) == "running" && row.GetInt64(10) >= now && row.GetInt64(10) <= Latest(now) && workers.IsAlive(row.GetString(9));
                double? seconds = running ? (row.GetInt64(13) - row.GetInt64(11)) / 1000.0 : null;
                double? speed = seconds > 0 ? (row.GetInt64(6) - row.GetInt64(12)) / seconds : null;
                return new JobStatus(row.GetInt64(0), row.GetString(1), (DocumentStage)row.GetInt32(2), running, row.GetString(3) == "failed",
                    row.GetInt32(4), row.TextOrNull(5), row.GetInt64(6), row.GetInt64(7), row.GetString(8), speed);
            });
    });

    internal static void Enqueue(SqliteConnection connection, long document, DocumentStage goal)
    {
        // A document that was read becomes searchable before the next one is read.
        int priority = goal switch { DocumentStage.Searchable => 0, DocumentStage.Extracted => 1, _ => (int)goal };
        connection.Execute("INSERT OR IGNORE INTO jobs(document, goal, priority) VALUES(@document, @goal, @priority)",
            ("@document", document), ("@goal", (int)goal), ("@priority", priority));
    }

    private static void ReachStage(SqliteConnection connection, Job job)
    {
        if (job.Goal == DocumentStage.Extracted)
        {
            // Another text than before: what was computed from the old one is computed again.
            connection.Execute("INSERT OR IGNORE INTO deletions SELECT content_hash FROM documents WHERE id = @document AND stage = @remembered",
                ("@document", job.Document), ("@remembered", (int)DocumentStage.Remembered));
            connection.Execute("UPDATE documents SET stage = 0 WHERE id = @document", ("@document", job.Document));
        }
        connection.Execute("UPDATE documents SET stage = MAX(stage, @goal) WHERE id = @document", ("@goal", (int)job.Goal), ("@document", job.Document));
    }

    private void TakeBackFromTheDead(SqliteConnection connection)
    {
        foreach (string owner in connection.Query("SELECT DISTINCT owner FROM jobs WHERE state = 'running'", row => row.GetString(0)))
            if (!workers.IsAlive(owner)) TakeBack(connection, "state = 'running' AND owner = @owner", ("@owner", owner));
        long now = Now();
        TakeBack(connection, LeaseRanOut, ("@now", now), ("@latest", Latest(now)));
    }

    private void TakeBack(SqliteConnection connection, string which, params ReadOnlySpan<(string Name, object? Value)> parameters) => connection.Execute(
        $"""
        UPDATE jobs SET owner = NULL, lease_until = NULL, state = iif(attempts >= @most, 'failed', 'waiting'),
            last_error = iif(attempts >= @most,
                'The program ended ' || attempts || ' times while it worked on this, always at the same place. Use ''ra retry'' to try again.', last_error)
        WHERE {which}
        """,
        [.. parameters, ("@most", options.MaxAttempts)]);

    /// <summary>A lease that ends later than any lease can was given before the clock was set back.</summary>
    private long Latest(long now) => now + (long)LeaseDuration.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Numbers(IReadOnlySet<DocumentStage> goals) => string.Join(", ", goals.Select(goal => (int)goal));

    private static (string Name, object? Value)[] HeldParameters(Job job) => [("@id", job.Id), ("@owner", job.Owner)];
}
