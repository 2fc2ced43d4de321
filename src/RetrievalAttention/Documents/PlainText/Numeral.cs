using System.Globalization;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>The number of a chapter as books write it: 12, XII, TWELVE, TWELFTH.</summary>
internal static class Numeral
{
    private static readonly string[] Cardinals =
    [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    private static readonly string[] Ordinals =
    [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
        "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    ];

    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The number, 1 to 999; null when the word is none.</summary>
    public static int? Parse(ReadOnlySpan<char> word)
    {
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int arabic)) return arabic is > 0 and < 1000 ? arabic : null;
        return Roman(word) ?? Spelt(word.ToString().ToLowerInvariant());
    }

    private static int? Spelt(string word)
    {
        if (Place(Cardinals, word) is { } cardinal) return cardinal;
        if (Place(Ordinals, word) is { } ordinal) return ordinal;
        string[] parts = word.Split('-', 2);
        if (Place(Tens, parts[0]) is not { } tens) return null;
        if (parts.Length == 1) return (tens + 1) * 10;
        return (Place(Cardinals, parts[1]) ?? Place(Ordinals, parts[1])) is { } unit and < 10 ? (tens + 1) * 10 + unit : null;
    }

    private static int? Place(string[] words, string word) => Array.IndexOf(words, word) is var place and >= 0 ? place + 1 : null;

    /// <summary>Well-formed upper-case or lower-case Roman numerals below 400: one way of writing each number.</summary>
    private static int? Roman(ReadOnlySpan<char> word)
    {
        if (word.Length is 0 or > 12) return null;
        int total = 0, highest = 0;
        for (int i = word.Length - 1; i >= 0; i--)
        {
            int value = char.ToUpperInvariant(word[i]) switch { 'I' => 1, 'V' => 5, 'X' => 10, 'L' => 50, 'C' => 100, _ => 0 };
            if (value == 0) return null;
            total += value < highest ? -value : value;
            highest = Math.Max(highest, value);
        }
        return total > 0 && WrittenNumber.Roman(total).AsSpan().Equals(word, StringComparison.OrdinalIgnoreCase) ? total : null;
    }
}
