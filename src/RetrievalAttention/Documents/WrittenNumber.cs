using System.Globalization;

namespace RetrievalAttention.Documents;

/// <summary>Numbers in capitals, as pages and items of lists are counted; in figures where nobody counts so far.</summary>
internal static class WrittenNumber
{
    private static readonly (int Value, string Sign)[] RomanSigns =
        [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];

    /// <summary>I to MMMCMXCIX.</summary>
    public static string Roman(int number)
    {
        if (number is < 1 or > 3999) return number.ToString(CultureInfo.InvariantCulture);
        string roman = "";
        foreach ((int value, string sign) in RomanSigns)
            for (; number >= value; number -= value) roman += sign;
        return roman;
    }

    /// <summary>A to Z, then AA to ZZ with both letters alike, and so on.</summary>
    public static string Letters(int number) =>
        number is < 1 or > 2600 ? number.ToString(CultureInfo.InvariantCulture) : new string((char)('A' + (number - 1) % 26), (number - 1) / 26 + 1);
}
