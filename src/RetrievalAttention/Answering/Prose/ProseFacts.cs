using System.Text.RegularExpressions;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering.Prose;

/// <summary>What can be checked in a sentence without understanding it: its names and numbers.</summary>
public static partial class ProseFacts
{
    /// <summary>
    /// Numbers in figures (with the letters that belong to them: "12th"), and words with a capital that does not come from beginning a sentence or a quotation. A name that begins a sentence is missed;
    /// in languages that write every noun with a capital, all nouns count.
    /// </summary>
    public static IReadOnlyList<string> Of(string text) =>
        [.. Names(text).Concat(Number().Matches(text).Select(match => match.Value.TrimEnd('.', ',')))];

    /// <summary>Whether the text holds the name or number as whole words.</summary>
    public static bool Holds(string text, string fact)
    {
        for (int at = text.IndexOf(fact, StringComparison.Ordinal); at >= 0; at = text.IndexOf(fact, at + 1, StringComparison.Ordinal))
        {
            bool starts = at == 0 || !char.IsLetterOrDigit(text[at - 1]);
            bool ends = at + fact.Length == text.Length || !char.IsLetterOrDigit(text[at + fact.Length]);
            if (starts && ends) return true;
        }
        return false;
    }

    /// <summary>Whether the first word, which might be a name, occurs in a text at all, with whatever case.</summary>
    public static bool BeginsKnown(string sentence, string text)
    {
        foreach (ProseWords.Word word in ProseWords.Of(sentence))
        {
            string first = sentence[word.Start..word.End];
            return StopWords.Contains(first.ToLowerInvariant()) || text.Contains(first, StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    private static IEnumerable<string> Names(string text)
    {
        foreach (ProseWords.Word word in ProseWords.Of(text))
        {
            if (word.Length > 1 && char.IsUpper(text[word.Start]) && !BeginsSentence(text, word.Start)) yield return text[word.Start..word.End];
        }
    }

    /// <summary>Only a word or a comma before it makes a capital a name's.</summary>
    internal static bool BeginsSentence(string text, int start)
    {
        int before = start - 1;
        while (before >= 0 && char.IsWhiteSpace(text[before])) before--;
        return before < 0 || !(char.IsLetterOrDigit(text[before]) || text[before] is ',' || IsAbbreviation(text, before));
    }

    /// <summary>A full stop after a capital and at most three letters: "Mr. Darcy", "J. Hawkins".</summary>
    private static bool IsAbbreviation(string text, int stop)
    {
        if (text[stop] != '.') return false;
        int first = stop;
        while (first > 0 && char.IsLetter(text[first - 1])) first--;
        return stop - first is >= 1 and <= 4 && char.IsUpper(text[first]) && text[first..stop] is not "I";
    }

    [GeneratedRegex(@"\d+(?:[.,:]\d+)*\p{L}*")]
    private static partial Regex Number();
}
