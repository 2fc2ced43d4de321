using System.Text;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering.Finding;

/// <param name="Start">First character in the text.</param>
/// <param name="End">One past the last one.</param>
public readonly record struct TextWord(string Text, int Start, int End);

/// <summary>
/// Words of a text for counting: lower-case runs of letters, digits and marks. Scripts without blanks between words give every two
/// neighbouring characters as a word, as the library's word index does.
/// </summary>
public static class TextWords
{
    /// <summary>The text with half characters (lone surrogates) replaced, which tokenizers refuse.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    public static IEnumerable<TextWord> Of(string text, int start = 0, int? end = null)
    {
        int position = start, stop = end ?? text.Length;
        while (position < stop)
        {
            Rune.DecodeFromUtf16(text.AsSpan(position, stop - position), out Rune rune, out int length);
            if (!WordCharacters.IsPart(rune))
            {
                position += length;
                continue;
            }
            bool unspaced = WordCharacters.IsUnspaced(rune);
            int from = position;
            do position += length;
            while (position < stop && Rune.DecodeFromUtf16(text.AsSpan(position, stop - position), out rune, out length) == System.Buffers.OperationStatus.Done
                && WordCharacters.IsPart(rune) && WordCharacters.IsUnspaced(rune) == unspaced);
            if (!unspaced) yield return new TextWord(text[from..position].ToLowerInvariant(), from, position);
            else foreach (TextWord pair in Pairs(text, from, position)) yield return pair;
        }
    }

    private static IEnumerable<TextWord> Pairs(string text, int start, int end)
    {
        int at = start, previous = -1;
        while (at < end)
        {
            int length = char.IsSurrogatePair(text, at) ? 2 : 1;
            if (previous >= 0) yield return new TextWord(text[previous..(at + length)], previous, at + length);
            else if (at + length == end) yield return new TextWord(text[at..end], at, end);
            previous = at;
            at += length;
        }
    }
}
