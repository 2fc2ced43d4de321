namespace RetrievalAttention.Passages;

/// <summary>
/// Splits text into sentences by rules. .NET has no sentence breaker, and ICU's ends a sentence after "Dr.". Promise: the sentences are
/// in order, do not overlap, begin and end with a non-blank character, and hold every non-blank character of the range; an empty line
/// always ends one. The time is linear in the length.
/// </summary>
public static class Sentences
{
    /// <param name="language">BCP 47 code that chooses the abbreviations; null for English.</param>
    /// <returns>Ranges in <paramref name="text"/>.</returns>
    public static IReadOnlyList<TextRange> Split(string text, string? language = null) => Split(text, 0, text.Length, language);

    /// <summary>Splits only [start, end); offsets still count from the start of <paramref name="text"/>.</summary>
    public static IReadOnlyList<TextRange> Split(string text, int start, int end, string? language = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, text.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);

        var boundaries = new SentenceBoundaries(text, end, SentenceRules.For(language));
        var sentences = new List<TextRange>();
        int position = SkipBlank(text, start, end);
        while (position < end)
        {
            int boundary = boundaries.Next(position);
            sentences.Add(new TextRange(position, TrimBlank(text, position, boundary)));
            position = SkipBlank(text, boundary, end);
        }
        return sentences;
    }

    private static int SkipBlank(string text, int position, int end)
    {
        while (position < end && char.IsWhiteSpace(text[position])) position++;
        return position;
    }

    private static int TrimBlank(string text, int start, int end)
    {
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return end;
    }
}
