using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Catalog;

/// <summary>How much is to be done until every document has reached the last of some goals.</summary>
/// <param name="Documents">All that were not given up.</param>
/// <param name="Complete">Those of them that have reached it.</param>
/// <param name="Remaining">By goal: bytes of files for reading and splitting, tokens for what comes after.</param>
public sealed record QueueSize(long Documents, long Complete, IReadOnlyDictionary<DocumentStage, double> Remaining)
{
    /// <summary>Bytes of English text in a token, taken for documents when none was read yet.</summary>
    private const double UsualBytesPerToken = 4.3;

    internal static QueueSize Of(SqliteConnection connection, IReadOnlySet<DocumentStage> goals)
    {
        double? bytesPerToken = connection.Scalar<double?>("SELECT 1.0 * SUM(size) / NULLIF(SUM(tokens), 0) FROM documents WHERE tokens IS NOT NULL");
        Dictionary<DocumentStage, double> remaining = connection.Query(
            $"""
            WITH goals(number) AS (VALUES {string.Join(", ", goals.Select(goal => $"({(int)goal})"))})
            SELECT number, SUM(iif(number <= @searchable, size, COALESCE(tokens, size / @bytesPerToken)))
            FROM documents JOIN goals ON number > stage OR EXISTS (SELECT 1 FROM jobs WHERE document = documents.id AND goal = number)
            WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE document = documents.id AND state = 'failed') GROUP BY number
            """,
            row => KeyValuePair.Create((DocumentStage)row.GetInt32(0), row.GetDouble(1)),
            ("@searchable", (int)DocumentStage.Searchable), ("@bytesPerToken", bytesPerToken ?? UsualBytesPerToken)).ToDictionary();
        return connection.Query(
            "SELECT COUNT(*), SUM(NOT EXISTS (SELECT 1 FROM jobs WHERE document = documents.id) AND stage >= @last) FROM documents "
            + "WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE document = documents.id AND state = 'failed')",
            row => new QueueSize(row.GetInt64(0), row.NumberOrNull(1) ?? 0, remaining), ("@last", (int)goals.Max())).Single();
    }
}
