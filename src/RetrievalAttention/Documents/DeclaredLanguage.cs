using System.Globalization;

namespace RetrievalAttention.Documents;

/// <summary>The language that a file says it is written in, as one code whichever way it is said.</summary>
internal static class DeclaredLanguage
{
    /// <summary>What files say that do not know, have several, or have no language (ISO 639-2).</summary>
    private static readonly string[] None = ["und", "mul", "zxx", "mis"];

    /// <summary>Codes that libraries use beside those that the system knows (ISO 639-2/B).</summary>
    private static readonly Dictionary<string, string> OfLibraries = new(StringComparer.Ordinal)
    {
        ["alb"] = "sq", ["arm"] = "hy", ["baq"] = "eu", ["bur"] = "my", ["chi"] = "zh", ["cze"] = "cs", ["dut"] = "nl", ["fre"] = "fr", ["geo"] = "ka", ["ger"] = "de",
        ["gre"] = "el", ["ice"] = "is", ["mac"] = "mk", ["mao"] = "mi", ["may"] = "ms", ["per"] = "fa", ["rum"] = "ro", ["slo"] = "sk", ["tib"] = "bo", ["wel"] = "cy",
    };

    /// <summary>The code, of two letters where there is one: "en" for "en-GB", "en_US", "eng" and "English". Null where no language is told.</summary>
    public static string? CodeOf(string? declared)
    {
        string name = declared?.Trim() ?? "", code = name.Split('-', '_')[0].ToLowerInvariant();
        if (code.Length is not (2 or 3) || !code.All(char.IsAsciiLetter)) return CodeOfName(name);
        if (None.Contains(code)) return null;
        return OfLibraries.GetValueOrDefault(code) ?? CultureInfo.GetCultureInfo(code).TwoLetterISOLanguageName;
    }

    private static string? CodeOfName(string name) => CultureInfo.GetCultures(CultureTypes.NeutralCultures)
        .FirstOrDefault(culture => culture.Name.Length is 2 or 3 && culture.EnglishName.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name;
}
