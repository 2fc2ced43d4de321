using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>
/// Cuts text into the pieces inside which tokens are merged. Patterns are written for code points, and .NET matches UTF-16 units: where the text
/// has surrogates, a copy is matched in which each such character is one stand-in of the same category.
/// </summary>
internal sealed class TextSplitter
{
    private readonly Regex[] _patterns;
    private readonly bool[] _keepGaps;

    public TextSplitter(IReadOnlyList<SplitStep> steps)
    {
        _patterns = [.. steps.Select(s => s.Regex)];
        _keepGaps = [.. steps.Select(s => s.KeepGaps)];
    }

    /// <summary>Pieces in order, as ranges of UTF-16 units.</summary>
    public List<(int Start, int End)> Split(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int, int)>(text.Length / 4 + 1);
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            Split(text, 0, 0, pieces);
            return pieces;
        }

        (char[] standIns, int[] starts) = StandIns(text);
        Split(standIns, 0, 0, pieces);
        for (int i = 0; i < pieces.Count; i++)
            pieces[i] = (starts[pieces[i].Item1], starts[pieces[i].Item2]);
        return pieces;
    }

    // Each step sees the pieces of the step before it as separate texts, so that look-aheads end with them.
    private void Split(ReadOnlySpan<char> text, int offset, int step, List<(int, int)> pieces)
    {
        if (text.IsEmpty)
            return;
        if (step == _patterns.Length)
        {
            pieces.Add((offset, offset + text.Length));
            return;
        }

        int done = 0;
        foreach (ValueMatch match in _patterns[step].EnumerateMatches(text))
        {
            if (_keepGaps[step])
                Split(text[done..match.Index], offset + done, step + 1, pieces);
            done = match.Index + match.Length;
            Split(text[match.Index..done], offset + match.Index, step + 1, pieces);
        }

        if (_keepGaps[step])
            Split(text[done..], offset + done, step + 1, pieces);
    }

    private static (char[] Characters, int[] Starts) StandIns(ReadOnlySpan<char> text)
    {
        var characters = new List<char>(text.Length);
        var starts = new List<int>(text.Length + 1);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as the replacement character, which it becomes in UTF-8 too.
            characters.Add(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            starts.Add(at);
            at += rune.Utf16SequenceLength;
        }

        starts.Add(text.Length);
        return ([.. characters], [.. starts]);
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => 'Α',
        UnicodeCategory.LowercaseLetter => 'α',
        UnicodeCategory.TitlecaseLetter => 'ǅ',
        UnicodeCategory.ModifierLetter => 'ʰ',
        UnicodeCategory.OtherLetter => 'ª',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => 'Ⅰ',
        UnicodeCategory.OtherNumber => '²',
        UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => '\uE000',
        UnicodeCategory.MathSymbol => '±',
        UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol => '©',
        _ => '¶',
    };
}
