using System.Globalization;

namespace RetrievalAttention.Passages;

/// <summary>Where to cut a sentence that is too long for one passage.</summary>
internal static class LongSentences
{
    private const string ClauseEnds = ",;:—–)、，；：";

    /// <summary>
    /// The best cut in (start, limit]: after a clause in the second half, else at a blank in the second half, else between two
    /// characters as a person sees them (a surrogate pair or an accent is never cut off).
    /// </summary>
    public static int CutBefore(string text, int start, int limit)
    {
        int half = start + (limit - start) / 2;
        int blank = -1;
        for (int position = limit; position > half; position--)
        {
            if (position < text.Length && ClauseEnds.Contains(text[position - 1]) && !char.IsAsciiDigit(text[position])) return position;
            if (blank < 0 && position < text.Length && char.IsWhiteSpace(text[position])) blank = position;
        }
        return blank > 0 ? blank : BetweenCharacters(text, start, limit);
    }

    private static int BetweenCharacters(string text, int start, int limit)
    {
        // A character as seen is rarely longer; looking back further would make long texts without blanks slow.
        const int LongestCharacter = 32;
        int position = start + Math.Max(0, limit - start - LongestCharacter);
        if (position > start && char.IsLowSurrogate(text[position])) position--;
        int cut = position;
        while (position < limit)
        {
            position += StringInfo.GetNextTextElementLength(text, position);
            if (position <= limit) cut = position;
        }
        return cut > start ? cut : Math.Min(position, text.Length);
    }
}
