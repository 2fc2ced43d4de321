using System.Globalization;
using System.Text;

namespace RetrievalAttention.Indexing;

/// <summary>What belongs to a word, and how text without blanks between words is cut.</summary>
internal static class WordCharacters
{
    public static bool IsPart(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Scripts that put no blanks between words: Han, kana, Thai, Lao, Khmer, Myanmar.</summary>
    public static bool IsUnspaced(Rune rune) => rune.Value
        is >= 0x3040 and <= 0x30FF or >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF
        or >= 0x0E00 and <= 0x0EFF or >= 0x1780 and <= 0x17FF or >= 0x1000 and <= 0x109F;

    public static bool HasUnspaced(string text) => text.EnumerateRunes().Any(IsUnspaced);

    /// <summary>Every two neighbouring characters of unspaced runs as a word ("大海啊" → "大海 海啊"); a lone one stays alone; the rest is left out.</summary>
    public static IEnumerable<string> Pairs(string text)
    {
        Rune? previous = null;
        bool alone = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsUnspaced(rune) || !IsPart(rune))
            {
                if (alone) yield return previous!.Value.ToString();
                (previous, alone) = (null, false);
                continue;
            }
            if (previous is { } first) yield return $"{first}{rune}";
            alone = previous is null;
            previous = rune;
        }
        if (alone) yield return previous!.Value.ToString();
    }
}
