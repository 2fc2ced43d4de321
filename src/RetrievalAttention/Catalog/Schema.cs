using Microsoft.Data.Sqlite;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Catalog;

/// <summary>
/// The tables of a library. Each entry brings a library from the version of its index to the next one; entries are never changed, only added.
/// Times are Unix milliseconds, ranges are UTF-16 code units, half-open.
/// </summary>
internal static class Schema
{
    public static IReadOnlyList<Action<SqliteConnection>> Versions { get; } =
    [
        connection =>
        {
            connection.Execute(FirstTables);
            WordIndex.CreateTables(connection);
        },
    ];

    private const string FirstTables =
        """
        CREATE TABLE documents(
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            content_hash  TEXT    NOT NULL UNIQUE,
            path          TEXT    NOT NULL,
            size          INTEGER NOT NULL,
            format        INTEGER,
            title         TEXT    NOT NULL,
            author        TEXT,
            language      TEXT,
            pages         INTEGER NOT NULL DEFAULT 0,
            characters    INTEGER NOT NULL DEFAULT 0,
            tokens        INTEGER,
            stage         INTEGER NOT NULL DEFAULT 0,
            warnings      TEXT    NOT NULL DEFAULT '[]',
            source_offset INTEGER,
            source_line   INTEGER,
            embedder      TEXT,
            replaces      INTEGER REFERENCES documents(id) ON DELETE SET NULL,
            added_at      INTEGER NOT NULL
        );
        CREATE INDEX documents_replaces ON documents(replaces);

        -- Every path at which a document was seen; two for a file that is there twice.
        CREATE TABLE files(
            path     TEXT    PRIMARY KEY,
            size     INTEGER NOT NULL,
            mtime    INTEGER NOT NULL,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE
        ) WITHOUT ROWID;
        CREATE INDEX files_document ON files(document);

        CREATE TABLE texts(
            document INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
            utf8     BLOB NOT NULL
        );
        CREATE TABLE sections(
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            number   INTEGER NOT NULL,
            headings TEXT    NOT NULL,
            start    INTEGER NOT NULL,
            end      INTEGER NOT NULL,
            PRIMARY KEY(document, number)
        ) WITHOUT ROWID;
        CREATE TABLE pages(
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            number   INTEGER NOT NULL,
            label    TEXT    NOT NULL,
            start    INTEGER NOT NULL,
            end      INTEGER NOT NULL,
            PRIMARY KEY(document, number)
        ) WITHOUT ROWID;
        CREATE TABLE paragraphs(
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            number   INTEGER NOT NULL,
            kind     INTEGER NOT NULL,
            start    INTEGER NOT NULL,
            end      INTEGER NOT NULL,
            PRIMARY KEY(document, number)
        ) WITHOUT ROWID;

        CREATE TABLE passages(
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            number   INTEGER NOT NULL,
            section  INTEGER NOT NULL,
            start    INTEGER NOT NULL,
            end      INTEGER NOT NULL,
            tokens   INTEGER NOT NULL,
            headings TEXT    NOT NULL,
            text     TEXT    NOT NULL,
            embedded_hash BLOB NOT NULL,
            UNIQUE(document, number)
        );
        CREATE INDEX passages_hash ON passages(embedded_hash);

        -- Kept by what was embedded, so that a passage that did not change, in whatever document, is never embedded again.
        CREATE TABLE embeddings(
            embedder      TEXT NOT NULL,
            embedded_hash BLOB NOT NULL,
            vector        BLOB NOT NULL,
            PRIMARY KEY(embedder, embedded_hash)
        );
        CREATE INDEX embeddings_hash ON embeddings(embedded_hash);

        CREATE TABLE jobs(
            id          INTEGER PRIMARY KEY,
            document    INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            goal        INTEGER NOT NULL,
            priority    INTEGER NOT NULL,
            state       TEXT    NOT NULL DEFAULT 'waiting' CHECK(state IN ('waiting', 'running', 'failed')),
            owner       TEXT,
            lease_until INTEGER,
            attempts    INTEGER NOT NULL DEFAULT 0,
            last_error  TEXT,
            checkpoint  TEXT,
            done        INTEGER NOT NULL DEFAULT 0,
            total       INTEGER NOT NULL DEFAULT 0,
            unit        TEXT    NOT NULL DEFAULT '',
            started_at  INTEGER,
            started_done INTEGER NOT NULL DEFAULT 0,
            seen_at     INTEGER,
            UNIQUE(document, goal)
        );
        CREATE INDEX jobs_order ON jobs(state, priority, attempts, document);

        CREATE TABLE workers(
            id         TEXT    PRIMARY KEY,
            kind       TEXT    NOT NULL,
            host       TEXT    NOT NULL,
            process    INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            seen_at    INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- Content hashes of removed documents whose files are still to be deleted.
        CREATE TABLE deletions(content_hash TEXT PRIMARY KEY) WITHOUT ROWID;
        """;
}
