using Microsoft.Data.Sqlite;

namespace RetrievalAttention.Indexing;

/// <param name="Score">BM25; higher is better.</param>
public readonly record struct WordMatch(long Id, double Score);

/// <summary>
/// Finds passages by their words, in full-text tables of SQLite that it owns in the library's database. They hold no text, only the words: one
/// table stems English, one keeps other languages as they are without accents, one holds pairs of characters for scripts without blanks.
/// Every method works on the connection it is given and in its transaction.
/// </summary>
public sealed class WordIndex
{
    private readonly WordOptions _options;

    public WordIndex(WordOptions options)
    {
        options.Validate();
        _options = options;
    }

    /// <summary>Makes the tables; does nothing when they are there.</summary>
    public static void CreateTables(SqliteConnection connection)
    {
        foreach (WordTable table in WordTable.All) Execute(connection, table.CreationSql);
    }

    /// <summary>Adds a passage that is not in the index.</summary>
    /// <param name="text">What may be found: headings and text.</param>
    /// <param name="language">BCP 47 code of the document; null is taken for English.</param>
    public static void Add(SqliteConnection connection, long id, long document, string text, string? language)
    {
        foreach (WordTable table in WordTable.All)
        {
            if (table.TextToStore(text, language) is { } stored)
                Execute(connection, $"INSERT INTO {table.Name}(rowid, text, document) VALUES(@id, @text, @document)", ("@id", id), ("@text", stored), ("@document", DocumentWord(document)));
        }
    }

    /// <summary>Removes passages; unknown ones are passed over.</summary>
    public static void Remove(SqliteConnection connection, IEnumerable<long> ids)
    {
        long[] all = [.. ids];
        foreach (WordTable table in WordTable.All)
        {
            // Prepared once: a large book has twenty thousand passages.
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"DELETE FROM {table.Name} WHERE rowid = @id";
            SqliteParameter parameter = command.Parameters.AddWithValue("@id", 0L);
            foreach (long id in all)
            {
                parameter.Value = id;
                command.ExecuteNonQuery();
            }
        }
    }

    /// <summary>Passages that hold the query's phrases, or any of its words, ranked by BM25; of equal scores the lower id first.</summary>
    /// <param name="documents">Only in these; null for all.</param>
    public IReadOnlyList<WordMatch> Search(SqliteConnection connection, string query, int count, IReadOnlyCollection<long>? documents = null)
    {
        WordQuery parsed = WordQuery.Parse(query);
        if (parsed.Terms.Count == 0 || count <= 0 || documents?.Count == 0) return [];
        string? scope = ScopeOf(documents);
        var best = new Dictionary<long, double>();
        foreach (WordTable table in WordTable.All)
        {
            foreach (WordMatch match in SearchTable(connection, table, parsed, scope))
                best[match.Id] = Math.Max(match.Score, best.GetValueOrDefault(match.Id, double.NegativeInfinity));
        }
        return [.. best.Select(pair => new WordMatch(pair.Key, pair.Value)).OrderByDescending(match => match.Score).ThenBy(match => match.Id).Take(count)];
    }

    /// <summary>
    /// The same among the passages of one part of the library. A word counts by how rare it is in the library and how rare it is in that part: the hero's name
    /// is rare in the one and tells nothing in the other.
    /// </summary>
    /// <param name="passages">All passages of the part.</param>
    /// <param name="documents">Those that the part is in; null when unknown.</param>
    public IReadOnlyList<WordMatch> SearchWithin(SqliteConnection connection, string query, IReadOnlySet<long> passages, IReadOnlyCollection<long>? documents = null)
    {
        WordQuery parsed = WordQuery.Parse(query);
        string? scope = ScopeOf(documents);
        var scores = new Dictionary<long, double>();
        foreach (WordTable table in WordTable.All)
        {
            (string[] phrases, string[] words) = TermsOf(connection, table, parsed);
            Dictionary<string, WordMatch[]> found = phrases.Concat(words).Distinct()
                .ToDictionary(term => term, term => Run(connection, table, term, scope).Where(match => passages.Contains(match.Id)).ToArray());
            // All phrases, as in Search; without such a passage the words alone.
            HashSet<long> required = [.. phrases.Length == 0 ? passages : phrases.Select(phrase => found[phrase].Select(match => match.Id)).Aggregate((all, one) => all.Intersect(one))];
            if (required.Count == 0 && words.Length == 0) continue;
            foreach (WordMatch[] matches in found.Values)
            {
                double rarity = Rarity(matches.Length, passages.Count);
                foreach (WordMatch match in matches.Where(match => required.Count == 0 || required.Contains(match.Id)))
                    scores[match.Id] = scores.GetValueOrDefault(match.Id) + rarity * match.Score;
            }
        }
        return [.. scores.Select(pair => new WordMatch(pair.Key, pair.Value)).OrderByDescending(match => match.Score).ThenBy(match => match.Id)];
    }

    /// <summary>Passages that hold all words in quotation marks as they stand there; null for a query without such words.</summary>
    /// <param name="documents">Only in these; null for all.</param>
    public IReadOnlySet<long>? HoldingPhrases(SqliteConnection connection, string query, IReadOnlyCollection<long>? documents = null)
    {
        WordQuery parsed = WordQuery.Parse(query);
        if (!parsed.IsQuoted) return null;
        HashSet<long> holding = [];
        foreach (WordTable table in WordTable.All)
            if (WordExpression.Required(TermsOf(connection, table, parsed).Phrases, []) is { } required) holding.UnionWith(Run(connection, table, required, ScopeOf(documents)).Select(match => match.Id));
        return holding;
    }

    /// <summary>Inverse document frequency as BM25 weighs it (Robertson and Zaragoza 2009), in the form of Lucene that is never negative.</summary>
    /// <param name="withWord">Of <paramref name="all"/>, how many hold the word.</param>
    internal static double Rarity(int withWord, int all) => Math.Log(1 + (all - withWord + 0.5) / (withWord + 0.5));

    private IReadOnlyList<WordMatch> SearchTable(SqliteConnection connection, WordTable table, WordQuery query, string? scope)
    {
        (string[] phrases, string[] words) = TermsOf(connection, table, query);
        if (WordExpression.Required(phrases, words) is { } required)
        {
            IReadOnlyList<WordMatch> found = Run(connection, table, required, scope);
            if (found.Count > 0 || words.Length == 0) return found;
        }
        return words.Length == 0 ? [] : Run(connection, table, WordExpression.Any(words), scope);
    }

    private (string[] Phrases, string[] Words) TermsOf(SqliteConnection connection, WordTable table, WordQuery query) =>
    (
        [.. query.Terms.Where(term => term.Kind == WordTermKind.Phrase).SelectMany(table.Expressions)],
        Affordable(connection, table, [.. query.Terms.Where(term => term.Kind != WordTermKind.Phrase).SelectMany(table.Expressions).Take(WordQuery.MaximumTerms)])
    );

    /// <summary>The rarest words, as long as they are not in too many passages together; at least one.</summary>
    private string[] Affordable(SqliteConnection connection, WordTable table, string[] words)
    {
        (string Word, long Passages)[] counted = [.. words.Select(word => (word, CountUpTo(connection, table, word))).Where(pair => pair.Item2 > 0).OrderBy(pair => pair.Item2)];
        var affordable = new List<string>();
        long total = 0;
        foreach ((string word, long passages) in counted)
        {
            total += passages;
            if (affordable.Count > 0 && total > _options.ScoredPassages) break;
            affordable.Add(word);
        }
        return [.. affordable];
    }

    private long CountUpTo(SqliteConnection connection, WordTable table, string word)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM (SELECT 1 FROM {table.Name} WHERE {table.Name} MATCH @words LIMIT @limit)";
        command.Parameters.AddWithValue("@words", $"text : ({word})");
        command.Parameters.AddWithValue("@limit", _options.ScoredPassages + 1);
        return (long)command.ExecuteScalar()!;
    }

    private List<WordMatch> Run(SqliteConnection connection, WordTable table, string expression, string? scope)
    {
        using SqliteCommand command = connection.CreateCommand();
        // The weight 0 keeps the document's own word out of the score.
        command.CommandText = $"SELECT rowid, -bm25({table.Name}, 1.0, 0.0) FROM {table.Name} WHERE {table.Name} MATCH @words LIMIT @limit";
        command.Parameters.AddWithValue("@words", scope is null ? $"text : ({expression})" : $"(text : ({expression})) AND (document : ({scope}))");
        command.Parameters.AddWithValue("@limit", _options.ScoredPassages);
        using SqliteDataReader rows = command.ExecuteReader();
        var matches = new List<WordMatch>();
        while (rows.Read()) matches.Add(new WordMatch(rows.GetInt64(0), rows.GetDouble(1)));
        return matches;
    }

    private static string? ScopeOf(IReadOnlyCollection<long>? documents) => documents is null ? null : string.Join(" OR ", documents.Select(DocumentWord));

    private static string DocumentWord(long document) => $"d{document}";

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
