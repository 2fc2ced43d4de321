using System.Globalization;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>What a line would be if it were a heading, judged from its own words only.</summary>
internal static partial class HeadingLine
{
    private const int LongestHeading = 110;

    /// <summary>Words that head numbered parts, by family. English, German, French, Spanish, Italian and Russian.</summary>
    private static readonly Dictionary<string, string> Families = new(StringComparer.OrdinalIgnoreCase)
    {
        ["volume"] = "volume", ["vol"] = "volume", ["tome"] = "volume", ["band"] = "volume", ["tomo"] = "volume", ["том"] = "volume",
        ["book"] = "book", ["buch"] = "book", ["livre"] = "book", ["libro"] = "book", ["книга"] = "book",
        ["part"] = "part", ["teil"] = "part", ["partie"] = "part", ["parte"] = "part", ["часть"] = "part",
        ["act"] = "act", ["akt"] = "act", ["aufzug"] = "act", ["acte"] = "act", ["acto"] = "act", ["atto"] = "act", ["действие"] = "act",
        ["scene"] = "scene", ["szene"] = "scene", ["auftritt"] = "scene", ["scène"] = "scene", ["escena"] = "scene", ["scena"] = "scene",
        ["chapter"] = "chapter", ["chap"] = "chapter", ["kapitel"] = "chapter", ["chapitre"] = "chapter", ["capítulo"] = "chapter",
        ["capitulo"] = "chapter", ["capitolo"] = "chapter", ["глава"] = "chapter",
        ["letter"] = "letter", ["stave"] = "stave", ["canto"] = "canto", ["adventure"] = "adventure", ["story"] = "story", ["tale"] = "tale",
        ["lecture"] = "lecture", ["episode"] = "episode", ["fable"] = "fable", ["essay"] = "essay", ["article"] = "article",
        ["section"] = "section", ["epilogue"] = "epilogue", ["appendix"] = "appendix", ["exhibit"] = "exhibit", ["schedule"] = "schedule",
    };

    /// <summary>Families that are also counted by letters or dotted numbers: "Appendix B", "Section 4.2".</summary>
    private static readonly string[] Lettered = ["appendix", "exhibit", "schedule", "section", "article"];

    /// <summary>The line as a heading, or null. Titles on following lines are the caller's matter.</summary>
    public static Heading? Parse(ReadOnlySpan<char> line, int index)
    {
        if (line.Length > LongestHeading || line.Contains("###", StringComparison.Ordinal)) return null;
        string text = Plain(line);
        if (text.Length == 0 || text[^1] is ',' or ';') return null;
        return WithWord(WordFirst(), text, index) ?? WithWord(NumberFirst(), text, index) ?? WithNumber(text, index) ?? WithMatter(text, index);
    }

    /// <summary>The family of a word that heads numbered parts: "chapter" for "chap" and "Kapitel"; null for other words.</summary>
    public static string? FamilyOf(string word) => Families.GetValueOrDefault(word);

    /// <summary>Whether the line is a heading itself or only its first word ("SCENE"), so no title of the heading above.</summary>
    public static bool IsPartOfBook(ReadOnlySpan<char> line, int index) => Parse(line, index) is not null || Families.ContainsKey(Plain(line).TrimEnd('.', ':'));

    /// <summary>A title in capitals: "THE RED-HEADED LEAGUE". Signatures, quotations and "THE END" are none.</summary>
    public static bool IsCapitals(ReadOnlySpan<char> line)
    {
        string text = Plain(line);
        if (text.Length is < 3 or > LongestHeading || !char.IsLetter(text[0]) || text[^1] is ',' or ';' or ':' || line.Contains("###", StringComparison.Ordinal)) return false;
        if (EndMark().IsMatch(text)) return false;
        return !text.Any(char.IsLower) && text.Count(char.IsUpper) >= 3 && HasWord(text);
    }

    /// <summary>Whether the line could be the title below "CHAPTER IV": capitals, or the words capitalised as in titles.</summary>
    public static bool IsTitle(ReadOnlySpan<char> line)
    {
        string text = Plain(line);
        if (text.Length is < 2 or > LongestHeading || text[^1] is ',' or ';' or ':' or '-' or '—' or ']' or ')') return false;
        if (!char.IsLetterOrDigit(text[0]) && !IsQuote(text[0])) return false;
        if (IsQuote(text[0]) != IsQuote(text[^1]) && text[^1] != '.') return false;
        string[] words = text.Split(' ').Select(word => word.Trim('"', '\'', '“', '”', '‘', '’', '.', ',', '!', '?', ':', ';', '(', ')')).ToArray();
        string[] telling = [.. words.Where(word => word.Length > 3 && char.IsLetter(word[0]))];
        if (telling.Length == 0) return words.Any(word => word.Length > 1 && char.IsUpper(word[0])) && text[^1] != '.';
        int capitalised = telling.Count(word => char.IsUpper(word[0]));
        bool sentence = text[^1] == '.' && text.Any(char.IsLower);
        return char.IsUpper(FirstLetter(text)) && capitalised >= (sentence ? 1.0 : 0.6) * telling.Length && !(sentence && words.Length < 2);
    }

    /// <summary>Whether the line reads as a heading and not as a sentence or somebody's words in a transcript ("THE PRESIDENT: …").</summary>
    public static bool IsShortTitle(ReadOnlySpan<char> line)
    {
        string text = Plain(line);
        if (text.Length < 2 || Speaker().IsMatch(text)) return false;
        bool opens = char.IsUpper(text[0]) || char.IsDigit(text[0]) || char.GetUnicodeCategory(text[0]) == UnicodeCategory.OtherLetter;
        return opens && (char.IsLetterOrDigit(text[^1]) || text[^1] == ')');
    }

    /// <summary>Without emphasis marks and with single spaces: "_THE   WHALE_" is "THE WHALE".</summary>
    public static string Plain(ReadOnlySpan<char> line) =>
        Emphasis().Replace(Whitespace().Replace(line.Trim().Trim("_*=#~ ").ToString(), " "), "");

    private static Heading? WithWord(Regex form, string text, int index)
    {
        Match match = form.Match(text);
        if (!match.Success || !Families.TryGetValue(match.Groups["word"].Value, out string? family)) return null;
        if (!char.IsUpper(text[0])) return null;
        string written = match.Groups["number"].Value;
        int? number = Numeral.Parse(written);
        bool lettered = Lettered.Contains(family) && (written.Length == 1 || written.Contains('.'));
        if (number is null && !lettered) return null;
        string rest = match.Groups["rest"].Value;
        // "Book I was reading": what follows a heading's number is a separator or begins with a capital.
        bool separated = rest.Length == 0 || rest[0] is '.' or ':' or '-' or '–' or '—' or ',' or ']' || char.IsUpper(FirstLetter(rest)) || rest.StartsWith(" (");
        return separated ? new Heading(index, index, HeadingStyle.Word, family, number, text) : null;
    }

    private static Heading? WithNumber(string text, int index)
    {
        Match match = NumberAlone().Match(text);
        if (match.Success)
        {
            return Numeral.Parse(match.Groups["number"].Value) is { } bare
                ? new Heading(index, index, HeadingStyle.Number, "", bare, text)
                : null;
        }
        match = NumberAndTitle().Match(text);
        if (!match.Success || Numeral.Parse(match.Groups["number"].Value) is not { } number || !IsTitle(match.Groups["title"].Value)) return null;
        return new Heading(index, index, HeadingStyle.NumberAndTitle, "", number, text);
    }

    private static Heading? WithMatter(string text, int index) =>
        Matter().IsMatch(text) && char.IsUpper(text[0]) ? new Heading(index, index, HeadingStyle.Matter, "", null, text) : null;

    private static char FirstLetter(string text) => text.FirstOrDefault(char.IsLetterOrDigit) is var c && char.IsDigit(c) ? 'A' : c;

    private static bool HasWord(string text) => text.Split(' ').Any(word => word.Count(char.IsLetter) >= 2 && !word.Contains('.') || word.Count(char.IsLetter) >= 4);

    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '‘' or '’' or '\'' or '«' or '»' or '„'
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation;

    [GeneratedRegex(@"^(THE )?(?<word>\p{L}+)\.? (?<number>\d+(\.\d+)+|[\p{L}\d]+(-[\p{L}]+)?)(?<rest>\b.*|\W.*)?$", RegexOptions.IgnoreCase)]
    private static partial Regex WordFirst();

    [GeneratedRegex(@"^(THE )?(?<number>\p{L}+) (?<word>\p{L}+)(?<rest>\b.*)?$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberFirst();

    [GeneratedRegex(@"^(?<number>\d{1,3}|[IVXLC]+)\.?$")]
    private static partial Regex NumberAlone();

    /// <summary>"VII. The Blue Carbuncle", "XLI - Love", and in capitals without a sign between: "4 FEES".</summary>
    [GeneratedRegex(@"^(?<number>\d{1,3}|[IVXLC]+)(([.:)] | ?[-–—]+ ?)(?<title>\S.*)| (?<title>\p{Lu}[^\p{Ll}]{2,}))$")]
    private static partial Regex NumberAndTitle();

    [GeneratedRegex(@"^(THE )?(PREFACE|FOREWORD|INTRODUCTION|INTRODUCTORY( NOTE)?|PROLOGUE|EPILOGUE|CONCLUSIONS?|POSTSCRIPT|AFTERWORD|APPENDIX|APPENDICES|GLOSSARY|BIBLIOGRAPHY|REFERENCES|ACKNOWLEDGE?MENTS?|DEDICATION|L['’]ENVOI|ENVOI|(TABLE OF )?CONTENTS|(LIST OF )?ILLUSTRATIONS|NOTES|FOOTNOTES|INDEX|ABSTRACT|AUTHOR['’]S NOTE|DRAMATIS PERSON(AE|Æ)|VORWORT|EINLEITUNG|NACHWORT|PROLOG|EPILOG|ANHANG|INHALT|PRÉFACE|AVANT-PROPOS|PROLOGUE|ÉPILOGUE|PRÓLOGO|EPÍLOGO|ПРЕДИСЛОВИЕ|ПРОЛОГ|ЭПИЛОГ)[.:]?$", RegexOptions.IgnoreCase)]
    private static partial Regex Matter();

    [GeneratedRegex(@"^(THE END|FINIS|FIN|ENDE|END|КОНЕЦ|THE END OF .*|END OF .*)[.!]?$")]
    private static partial Regex EndMark();

    /// <summary>The marks of italics around a word, as Project Gutenberg writes them.</summary>
    [GeneratedRegex(@"(?<!\w)_(?=\w)|(?<=\w[.!?]?)_(?!\w)")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"^[\p{Lu} .’']+: ")]
    private static partial Regex Speaker();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
