using System.Globalization;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>Title, author and language as a text's first lines give them.</summary>
internal sealed partial record FrontMatter(string? Title, string? Author, string? Language)
{
    /// <summary>Visible lines in which they are looked for.</summary>
    private const int LinesSearched = 12;

    public static FrontMatter Find(string text, List<TextLine> lines, List<Heading> headings)
    {
        List<(int Line, string Text)> first = [];
        for (int i = 0; i < lines.Count && first.Count < LinesSearched; i++)
            if (!lines[i].IsBlank) first.Add((i, lines[i].Length > 200 ? "" : HeadingLine.Plain(lines[i].In(text))));
        return new FrontMatter(Field(first, "Title") ?? FirstLineTitle(first, lines, headings), Field(first, "Author") ?? ByLine(first), Field(first, "Language"));
    }

    /// <summary>From YAML between two lines of dashes; only single-line values are looked at.</summary>
    public static FrontMatter OfYaml(string yaml)
    {
        return new FrontMatter(Value("title"), Value("author") ?? Value("creator"), Value("language") ?? Value("lang"));

        string? Value(string key) =>
            Regex.Match(yaml, $@"^{key}:[ \t]*(?<value>\S.*?)[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase) is { Success: true } match
            && match.Groups["value"].Value.Trim('"', '\'') is { Length: > 0 } value ? value : null;
    }

    private static string? Field(List<(int Line, string Text)> first, string name) =>
        first.Select(line => line.Text).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } found
        && found[(name.Length + 1)..].Trim() is { Length: > 0 } value ? value : null;

    /// <summary>The first line, if it is a title that stands apart and no heading of a chapter.</summary>
    private static string? FirstLineTitle(List<(int Line, string Text)> first, List<TextLine> lines, List<Heading> headings)
    {
        if (first.Count < 2 || first[0].Text is not { Length: > 1 } title || !char.IsLetter(title[0])) return null;
        if (headings.Count > 0 && headings[0].FirstLine == first[0].Line) return null;
        int blanks = first[1].Line - first[0].Line - 1;
        bool apart = blanks >= 2 || ByLine(first) is not null || (headings.Count > 0 && headings[0].FirstLine == first[1].Line)
            || (blanks == 1 && HeadingLine.IsCapitals(lines[first[0].Line].Length > 0 ? title : ""));
        return apart && HeadingLine.IsTitle(title) ? title : null;
    }

    private static string? ByLine(List<(int Line, string Text)> first)
    {
        for (int i = 1; i < first.Count; i++)
        {
            Match by = By().Match(first[i].Text);
            if (!by.Success) continue;
            string name = by.Groups["name"].Value is { Length: > 0 } same ? same : i + 1 < first.Count ? first[i + 1].Text : "";
            if (name.Length is < 3 or > 60 || !char.IsUpper(name[0]) || name.Split(' ').Contains("and", StringComparer.OrdinalIgnoreCase)) continue;
            return name.Any(char.IsLower) ? name : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name.ToLowerInvariant());
        }
        return null;
    }

    [GeneratedRegex(@"^(?i:by)( (?<name>\p{Lu}[\p{L}.,'’\- ]+))?$")]
    private static partial Regex By();
}
