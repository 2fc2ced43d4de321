using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using UglyToad.PdfPig.Tokens;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Title, author and language: as declared where that is sane, else from the first page.</summary>
internal static partial class Metadata
{
    private const int LongestTitle = 300;

    public static string TitleOf(PdfFile file, IReadOnlyList<PageLines> pages)
    {
        string declared = Clean(file.Document.Information.Title);
        if (IsTitle(declared)) return declared;
        string printed = LargestLines(pages);
        return IsTitle(printed) ? printed : System.IO.Path.GetFileNameWithoutExtension(file.Path);
    }

    public static string? AuthorOf(PdfFile file)
    {
        string author = Clean(file.Document.Information.Author);
        return author.Length >= 2 && author.Any(char.IsLetter) && !NotAName().IsMatch(author) ? author : null;
    }

    public static string? LanguageOf(PdfFile file) =>
        file.Document.Structure.Catalog.CatalogDictionary.TryGet(NameToken.Lang, out IToken? token) && token is IDataToken<string> language ? DeclaredLanguage.CodeOf(language.Data) : null;

    private static bool IsTitle(string title) =>
        title.Length is >= 3 and <= LongestTitle && title.Count(char.IsLetter) >= 3 && !NotATitle().IsMatch(title);

    /// <summary>What programs write when nobody gave a title.</summary>
    [GeneratedRegex(@"^(untitled|title|document\d*|slide \d+|microsoft (word|powerpoint)\b.*|adobe photoshop pdf|(.*[/\\])?\S+\.(docx?|tex|dvi|pdf|ps|indd|qxd|pptx?|rtf|p65))$", RegexOptions.IgnoreCase)]
    private static partial Regex NotATitle();

    [GeneratedRegex(@"^(unknown|author|user|admin(istrator)?|owner|\W+)$", RegexOptions.IgnoreCase)]
    private static partial Regex NotAName();

    /// <summary>The largest type on the first page that has text.</summary>
    private static string LargestLines(IReadOnlyList<PageLines> pages)
    {
        List<TextLine> lines = [.. pages.Select(page => page.Lines).FirstOrDefault(lines => lines.Any()) ?? []];
        List<TextLine> words = lines.FindAll(line => line.Text.Count(char.IsLetter) >= 3);
        if (words.Count < 2) return "";
        float largest = words.Max(line => line.Size);
        if (words.TrueForAll(line => line.Size > 0.95f * largest)) return "";
        return Clean(string.Join(' ', words.SkipWhile(line => line.Size < 0.95f * largest).TakeWhile(line => line.Size >= 0.95f * largest).Select(line => line.Text)));
    }

    /// <summary>One line, without control characters, and with the character references that some typesetters leave behind ("#_#x00E9;").</summary>
    private static string Clean(string? text)
    {
        if (text is null) return "";
        string decoded = CharacterReference().Replace(
            text, match => ((char)int.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        // By runes, so that two references that make one character together do, and one that stands alone becomes '\uFFFD'.
        string visible = string.Concat(decoded.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? " " : rune.ToString()));
        return string.Join(' ', visible.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex(@"(?:&#|#_#)x([0-9A-Fa-f]{2,4});")]
    private static partial Regex CharacterReference();
}
