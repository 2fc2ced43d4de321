using System.Text;

namespace RetrievalAttention.Indexing;

public enum WordTermKind
{
    Word,

    /// <summary>The beginning of a word: captain*.</summary>
    Prefix,

    /// <summary>Words that must stand next to each other: "black spot".</summary>
    Phrase,
}

/// <param name="Text">Letters, digits and blanks only, lower case.</param>
public sealed record WordTerm(WordTermKind Kind, string Text);

/// <summary>What a person typed, as terms that cannot break the query language of SQLite: quotes, colons, operators and the rest are no syntax here.</summary>
/// <param name="Terms">Distinct, in order, at most <see cref="MaximumTerms"/>.</param>
public sealed record WordQuery(IReadOnlyList<WordTerm> Terms)
{
    public const int MaximumTerms = 48;

    /// <summary>Shorter beginnings would gather too many words to be quick; they are words.</summary>
    private const int ShortestPrefix = 3;

    /// <summary>It has words in quotation marks that must stand together.</summary>
    public bool IsQuoted { get; private init; }

    private const string Quotes = "\"“”„«»";

    /// <summary>
    /// Quoted words are a phrase, a word with a star is a prefix, everything else is words. Stop words are left out unless nothing else is there:
    /// then all words together are one phrase.
    /// </summary>
    public static WordQuery Parse(string text)
    {
        var terms = new List<WordTerm>();
        string[] parts = text.Split(Quotes.ToCharArray());
        for (int i = 0; i < parts.Length; i++)
        {
            // Between the first and the second quotation mark, the third and the fourth, …; the last one may be unclosed.
            bool quoted = i % 2 == 1 && i < parts.Length - 1;
            terms.AddRange(quoted ? Phrase(parts[i]) : Words(parts[i]));
            if (terms.Count > 4 * MaximumTerms) break;
        }
        WordTerm[] telling = [.. terms.Where(term => term.Kind != WordTermKind.Word || !StopWords.Contains(term.Text)).Distinct().Take(MaximumTerms)];
        if (telling.Length > 0 || terms.Count == 0) return new WordQuery(telling) { IsQuoted = telling.Any(term => term.Kind == WordTermKind.Phrase) };
        return new WordQuery([new WordTerm(WordTermKind.Phrase, string.Join(' ', terms.Take(MaximumTerms).Select(term => term.Text)))]);
    }

    private static IEnumerable<WordTerm> Phrase(string text)
    {
        string[] words = [.. Words(text).Select(term => term.Text)];
        return words.Length switch
        {
            0 => [],
            1 => [new WordTerm(WordTermKind.Word, words[0])],
            _ => [new WordTerm(WordTermKind.Phrase, string.Join(' ', words.Take(MaximumTerms)))],
        };
    }

    /// <summary>Runs of letters, digits and marks, as SQLite's unicode61 cuts them.</summary>
    private static IEnumerable<WordTerm> Words(string text)
    {
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (WordCharacters.IsPart(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune));
                continue;
            }
            if (word.Length > 0) yield return new WordTerm(rune.Value == '*' && word.Length >= ShortestPrefix ? WordTermKind.Prefix : WordTermKind.Word, word.ToString());
            word.Clear();
        }
        if (word.Length > 0) yield return new WordTerm(WordTermKind.Word, word.ToString());
    }
}
