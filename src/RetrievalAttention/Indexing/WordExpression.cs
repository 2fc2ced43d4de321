namespace RetrievalAttention.Indexing;

/// <summary>Writes queries in the language of SQLite's FTS5 (sqlite.org/fts5.html, "Full-text Query Syntax").</summary>
internal static class WordExpression
{
    /// <summary>Words that must follow each other, the last one perhaps only begun. Quoted, so that nothing in it is an operator.</summary>
    public static string Phrase(IEnumerable<string> words, bool isPrefix) =>
        $"\"{string.Join(' ', words).Replace("\"", "\"\"")}\"{(isPrefix ? "*" : "")}";

    public static string Any(IEnumerable<string> terms) => string.Join(" OR ", terms);

    /// <summary>All phrases; words only add to the score. Null without phrases.</summary>
    public static string? Required(IReadOnlyList<string> phrases, IReadOnlyList<string> words)
    {
        if (phrases.Count == 0) return null;
        string all = string.Join(" AND ", phrases);
        return words.Count == 0 ? all : $"({all}) OR ({all} AND ({Any(words)}))";
    }
}
