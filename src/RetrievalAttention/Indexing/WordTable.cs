namespace RetrievalAttention.Indexing;

/// <summary>One of the full-text tables: what it holds of a text, and how it is asked for a term.</summary>
internal sealed class WordTable
{
    private readonly bool _pairs;
    private readonly bool _english;

    private WordTable(string name, string tokenizer, bool pairs, bool english)
    {
        (Name, _pairs, _english) = (name, pairs, english);
        CreationSql = $"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5(text, document, content='', contentless_delete=1, tokenize=\"{tokenizer}\")";
    }

    public static IReadOnlyList<WordTable> All { get; } =
    [
        new("words_english", "porter unicode61 remove_diacritics 2", pairs: false, english: true),
        new("words_plain", "unicode61 remove_diacritics 2", pairs: false, english: false),
        new("words_pairs", "unicode61", pairs: true, english: false),
    ];

    public string Name { get; }

    public string CreationSql { get; }

    /// <summary>Null when a text has nothing for this table.</summary>
    public string? TextToStore(string text, string? language)
    {
        if (_pairs) return WordCharacters.HasUnspaced(text) ? string.Join(' ', WordCharacters.Pairs(text)) : null;
        bool isEnglish = language is null || language.Split('-', '_')[0].Equals("en", StringComparison.OrdinalIgnoreCase);
        return isEnglish == _english ? text : null;
    }

    /// <summary>The term as FTS5 expressions that count for themselves; none when it has nothing for this table.</summary>
    public IReadOnlyList<string> Expressions(WordTerm term)
    {
        bool isPrefix = term.Kind == WordTermKind.Prefix;
        if (!_pairs) return [WordExpression.Phrase([term.Text], isPrefix)];
        string[] pairs = [.. WordCharacters.Pairs(term.Text)];
        if (pairs.Length == 0) return [];
        bool isAlone = pairs is [{ Length: 1 }];
        // Which characters of a run are a word is not known, so any two of them count.
        return term.Kind == WordTermKind.Word && !isAlone
            ? [.. pairs.Distinct().Take(WordQuery.MaximumTerms).Select(pair => WordExpression.Phrase([pair], isPrefix: false))]
            : [WordExpression.Phrase(pairs, isPrefix || isAlone)];
    }
}
