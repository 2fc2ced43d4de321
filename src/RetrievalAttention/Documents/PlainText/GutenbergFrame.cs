using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>
/// The licence and credits that Project Gutenberg puts before and after a book, and what they say about it.
/// A text without them is its own body.
/// </summary>
internal sealed partial record GutenbergFrame(int BodyStart, int BodyEnd, string? Title, string? Author, string? Language)
{
    /// <summary>The frame's first part ends within this many characters.</summary>
    private const int HeaderLimit = 40_000;

    public static GutenbergFrame Find(string text)
    {
        Match start = text.Length == 0 ? Match.Empty : StartLine().Match(text, 0, Math.Min(text.Length, HeaderLimit));
        if (!start.Success) start = SmallPrintEnd().Match(text, 0, Math.Min(text.Length, HeaderLimit));
        int bodyStart = start.Success ? SkipCredits(text, start.Index + start.Length) : 0;
        // Books put together in one file: what stands between the first and the last stays, lest a book be lost.
        Match last = StartLine().Matches(text, bodyStart).LastOrDefault(Match.Empty);
        Match end = EndLine().Match(text, Math.Max(bodyStart, last.Index + last.Length));
        int bodyEnd = end.Success ? end.Index : text.Length;
        if (!start.Success) return new GutenbergFrame(0, bodyEnd, null, null, null);
        string header = text[..start.Index];
        return new GutenbergFrame(bodyStart, bodyEnd, Field(header, "Title"), Field(header, "Author"), Field(header, "Language"));
    }

    private static int SkipCredits(string text, int at)
    {
        Match credits = Credits().Match(text, at);
        int start = credits.Success ? credits.Index + credits.Length : at;
        while (start < text.Length && char.IsWhiteSpace(text[start])) start++;
        // Back to the start of the line: its indentation belongs to the body.
        while (start > at && text[start - 1] is ' ' or '\t') start--;
        return start;
    }

    /// <summary>"Title: The Prince and the Pauper", with a continuation line that is indented.</summary>
    private static string? Field(string header, string name)
    {
        Match match = Regex.Match(header, $@"^{name}:[ \t]*(?<value>\S.*(?:\r?\n[ \t]+\S.*)*)", RegexOptions.Multiline);
        return match.Success ? Whitespace().Replace(match.Groups["value"].Value.Trim(), " ") : null;
    }

    [GeneratedRegex(@"^\*{3}\s?START OF TH(E|IS) PROJECT GUTENBERG.*?\*{3}[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex StartLine();

    [GeneratedRegex(@"^\*END\*?\s?THE SMALL PRINT.*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex SmallPrintEnd();

    [GeneratedRegex(@"^(\*{3}\s?END OF TH(E|IS) PROJECT GUTENBERG|End of (The |the )?Project Gutenberg('s|’s| Etext| EBook)).*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex EndLine();

    /// <summary>The paragraph of thanks that follows the start line.</summary>
    [GeneratedRegex(@"\G\s*(Produced by|E-text prepared by|This eBook was produced by|Transcribed from)\b.*?(\r?\n[ \t]*){2}", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Credits();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
