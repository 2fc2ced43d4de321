using System.Text;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering.Prose;

/// <summary>Words as readers count and compare them. Scripts without blanks count every two characters as a word.</summary>
internal static class ProseWords
{
    private const int CharactersPerUnspacedWord = 2;

    /// <summary>A word's place in a text.</summary>
    public readonly record struct Word(int Start, int End)
    {
        public int Length => End - Start;
    }

    /// <summary>Runs of letters, digits and marks; an apostrophe or hyphen between letters belongs to the word.</summary>
    public static IEnumerable<Word> Of(string text)
    {
        int start = -1;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            bool part = WordCharacters.IsPart(rune);
            bool joins = start >= 0 && text[i] is '\'' or '’' or '-' or '‐' && i + 1 < text.Length && char.IsLetter(text[i + 1]);
            if (part && start < 0) start = i;
            if (!part && !joins && start >= 0)
            {
                yield return new Word(start, i);
                start = -1;
            }
            i += length;
        }
        if (start >= 0) yield return new Word(start, text.Length);
    }

    public static int Count(string text)
    {
        int spaced = 0, unspaced = 0;
        foreach (Word word in Of(text))
        {
            int characters = text[word.Start..word.End].EnumerateRunes().Count(WordCharacters.IsUnspaced);
            if (characters == 0) spaced++;
            unspaced += characters;
        }
        return spaced + (unspaced + CharactersPerUnspacedWord - 1) / CharactersPerUnspacedWord;
    }

    /// <summary>Lower-cased words that say something: no stop words; neighbouring pairs of unspaced scripts.</summary>
    public static IEnumerable<string> Content(string text)
    {
        foreach (Word word in Of(text))
        {
            string own = text[word.Start..word.End];
            if (WordCharacters.HasUnspaced(own))
            {
                foreach (string pair in WordCharacters.Pairs(own)) yield return pair;
                continue;
            }
            foreach (string part in own.ToLowerInvariant().Split('\'', '’', '-', '‐'))
                if (part.Length > 0 && !StopWords.Contains(part)) yield return part;
        }
    }
}
