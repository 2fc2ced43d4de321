using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Decides about hyphens at line ends. The document itself is the dictionary: a compound that is printed with its hyphen inside a line keeps
/// it ("well-known"), a word that is printed whole loses it ("para-graph"), and an unknown one is joined when it goes on in lower case.
/// </summary>
internal sealed partial class Hyphenation
{
    private readonly Dictionary<string, int> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public Hyphenation(IEnumerable<TextLine> lines)
    {
        _bySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (TextLine line in lines)
        {
            // The last word of a line may be half a word.
            foreach (ValueMatch word in Word().EnumerateMatches(line.Text))
            {
                if (word.Index + word.Length >= line.Text.Length - 1) continue;
                ReadOnlySpan<char> text = line.Text.AsSpan(word.Index, word.Length);
                _bySpan[text] = _bySpan.TryGetValue(text, out int count) ? count + 1 : 1;
            }
        }
    }

    public static bool EndsWithHyphen(string line) =>
        line.Length > 1 && line[^1] is '-' or '\u2010' or GlyphText.SoftHyphen && char.IsLetter(line[^2]);

    /// <summary>What to put between a line that ends with a hyphen and the next: whether the hyphen stays.</summary>
    public bool KeepsHyphen(string line, string next)
    {
        if (line[^1] == GlyphText.SoftHyphen) return false;
        string head = LastWord().Match(line).Value;
        string tail = FirstWord().Match(next).Value;
        if (tail.Length == 0 || !char.IsLower(tail[0])) return true;
        int joined = _words.GetValueOrDefault(head + tail);
        int hyphenated = _words.GetValueOrDefault($"{head}-{tail}");
        return hyphenated > joined;
    }

    [GeneratedRegex(@"[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*")]
    private static partial Regex Word();

    [GeneratedRegex(@"[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*(?=.$)", RegexOptions.RightToLeft)]
    private static partial Regex LastWord();

    [GeneratedRegex(@"^[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*")]
    private static partial Regex FirstWord();
}
