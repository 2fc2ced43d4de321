using System.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Repairs what a font says its glyphs stand for.</summary>
internal static class GlyphText
{
    /// <summary>Printed at a line's end where a word is divided; never part of the word.</summary>
    public const char SoftHyphen = '\u00AD';

    /// <summary>
    /// Ligatures and Arabic presentation forms become the letters they show, every kind of space becomes a space, and control
    /// characters, private-use characters and lone surrogates, which no reader can see, become nothing.
    /// </summary>
    public static string Repair(string text)
    {
        if (text.Length == 1 && text[0] is >= ' ' and < '\x7F') return text;
        var repaired = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) Append(repaired, rune);
        // A replacement text may bring spaces with it; words are told apart by where glyphs stand.
        return text.Length == 1 ? repaired.ToString() : repaired.ToString().Trim();
    }

    private static void Append(StringBuilder repaired, Rune rune)
    {
        int value = rune.Value;
        if (Rune.IsWhiteSpace(rune)) repaired.Append(' ');
        else if (value is (>= 0xFB00 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC)) repaired.Append(rune.ToString().Normalize(NormalizationForm.FormKC));
        else if (value == SoftHyphen || !IsInvisible(rune)) repaired.Append(rune.ToString());
    }

    private static bool IsInvisible(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.PrivateUse
        or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.OtherNotAssigned
        or System.Globalization.UnicodeCategory.Format;

    /// <summary>
    /// The combining mark that a spacing accent stands for, 0 for anything else. Old TeX fonts print "ö" as "¨" and "o" on top of each other.
    /// </summary>
    public static char CombiningMarkOf(string text) => text.Length != 1 ? '\0' : text[0] switch
    {
        '\u0060' => '\u0300',
        '\u00B4' => '\u0301',
        '\u005E' or '\u02C6' => '\u0302',
        '\u007E' or '\u02DC' => '\u0303',
        '\u00AF' => '\u0304',
        '\u02D8' => '\u0306',
        '\u02D9' => '\u0307',
        '\u00A8' => '\u0308',
        '\u02DA' => '\u030A',
        '\u02DD' => '\u030B',
        '\u02C7' => '\u030C',
        '\u00B8' => '\u0327',
        '\u02DB' => '\u0328',
        >= '\u0300' and <= '\u036F' => text[0],
        _ => '\0',
    };

    public static bool IsRightToLeft(string text)
    {
        foreach (char character in text)
        {
            if (character is (>= '\u0590' and <= '\u08FF') or (>= '\uFB1D' and <= '\uFDFF') or (>= '\uFE70' and <= '\uFEFC')) return true;
        }
        return false;
    }
}
