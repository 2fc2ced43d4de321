using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents;

/// <summary>A text's language from its script and its commonest words, for files that declare none. Null rather than a doubtful guess.</summary>
internal static partial class LanguageGuess
{
    /// <summary>Characters looked at, from the middle of the text: its start may be a title page in another language.</summary>
    private const int Sample = 20_000;

    private const int FewestWords = 20;

    /// <summary>Share of a language's commonest words among all words that running text reaches.</summary>
    private const double CommonShare = 0.12;

    /// <summary>Words of a handful of letters that make up a fifth of any text; words shared by two languages count for both.</summary>
    private static readonly Dictionary<string, HashSet<string>> CommonWords = new()
    {
        ["en"] = ["the", "and", "of", "to", "a", "in", "that", "it", "was", "is", "he", "for", "with", "as", "his", "on", "be", "at", "by", "had", "not", "they"],
        ["de"] = ["der", "die", "das", "und", "in", "zu", "den", "nicht", "von", "sie", "ist", "des", "sich", "mit", "dem", "er", "es", "ein", "ich", "auf", "eine", "auch"],
        ["fr"] = ["de", "la", "le", "et", "les", "des", "en", "un", "une", "du", "que", "qui", "dans", "il", "au", "ce", "est", "pas", "pour", "ne", "sur", "se"],
        ["es"] = ["de", "la", "que", "el", "en", "y", "los", "se", "del", "las", "un", "por", "con", "no", "una", "su", "para", "es", "al", "lo", "como", "más"],
        ["it"] = ["di", "che", "e", "la", "il", "un", "a", "per", "in", "non", "una", "si", "del", "con", "le", "della", "da", "i", "al", "nel", "è", "era"],
        ["pt"] = ["de", "a", "que", "o", "e", "do", "da", "em", "um", "para", "com", "não", "uma", "os", "no", "se", "na", "por", "mais", "as", "dos", "ao"],
        ["nl"] = ["de", "het", "een", "van", "en", "in", "is", "dat", "op", "te", "zijn", "met", "voor", "niet", "aan", "er", "om", "ook", "als", "maar", "hij", "bij"],
        ["sv"] = ["och", "i", "att", "det", "som", "en", "på", "är", "av", "för", "med", "den", "till", "inte", "han", "de", "om", "ett", "hade", "jag", "var", "sig"],
        ["ru"] = ["и", "в", "не", "на", "я", "что", "он", "с", "как", "а", "то", "это", "по", "но", "из", "у", "за", "к", "был", "его", "от", "она"],
        ["uk"] = ["і", "в", "не", "на", "що", "з", "у", "та", "до", "як", "це", "за", "його", "від", "але", "був", "про", "він", "й", "є", "вона", "для"],
    };

    public static string? Of(string text)
    {
        int start = Math.Max(0, (text.Length - Sample) / 2);
        string sample = text.Substring(start, Math.Min(Sample, text.Length - start));
        return ByScript(sample) ?? ByWords(sample);
    }

    private static string? ByScript(string sample)
    {
        Dictionary<string, int> letters = [];
        foreach (char c in sample)
        {
            string? script = c switch
            {
                >= '\u3040' and <= '\u30FF' => "ja",
                >= '\u4E00' and <= '\u9FFF' => "zh",
                >= '\uAC00' and <= '\uD7AF' => "ko",
                >= '\u0600' and <= '\u06FF' => "ar",
                >= '\u0590' and <= '\u05FF' => "he",
                >= '\u0370' and <= '\u03FF' => "el",
                >= '\u0900' and <= '\u097F' => "hi",
                >= '\u0E00' and <= '\u0E7F' => "th",
                _ => char.IsLetter(c) ? "" : null,
            };
            if (script is not null) letters[script] = letters.GetValueOrDefault(script) + 1;
        }
        int all = letters.Values.Sum();
        int kana = letters.GetValueOrDefault("ja");
        // Japanese mixes kana with ideographs; Chinese has no kana.
        if (kana > all / 10) return "ja";
        return letters.Where(pair => pair.Key.Length > 0 && pair.Value > all / 2).Select(pair => pair.Key).FirstOrDefault();
    }

    private static string? ByWords(string sample)
    {
        string[] words = [.. Word().Matches(sample).Select(match => match.Value.ToLowerInvariant())];
        if (words.Length < FewestWords) return null;
        (string language, double share)[] ranked = [.. CommonWords
            .Select(pair => (pair.Key, (double)words.Count(pair.Value.Contains) / words.Length)).OrderByDescending(pair => pair.Item2)];
        return ranked[0].share >= CommonShare && ranked[0].share > 1.2 * ranked[1].share ? ranked[0].language : null;
    }

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();
}
