using System.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Reads words as they are spoken. Glyphs come from left to right as printed; Hebrew and Arabic are spoken from the right, but numbers and
/// Latin words inside them are not. (A page shows what the Unicode bidirectional algorithm made of the text; this undoes its common cases.)
/// </summary>
internal static class LogicalOrder
{
    /// <param name="words">Ranges of <paramref name="glyphs"/>, from left to right.</param>
    public static string Read(List<Glyph> glyphs, List<(int Start, int End)> words)
    {
        int rightToLeft = words.Count(word => IsRightToLeft(glyphs, word));
        var text = new StringBuilder();
        if (rightToLeft == 0)
        {
            foreach ((int Start, int End) word in words) Append(text, glyphs, word, false);
            return text.ToString();
        }

        bool lineRunsLeft = 2 * rightToLeft >= words.Count;
        for (int i = 0; i < words.Count;)
        {
            int at = lineRunsLeft ? words.Count - 1 - i : i;
            bool wordRunsLeft = IsRightToLeft(glyphs, words[at]);
            int length = 1;
            while (wordRunsLeft != lineRunsLeft && i + length < words.Count
                && IsRightToLeft(glyphs, words[lineRunsLeft ? at - length : at + length]) == wordRunsLeft)
            {
                length++;
            }
            // A stretch of the other direction keeps its own order inside.
            for (int j = 0; j < length; j++)
            {
                int word = wordRunsLeft == lineRunsLeft ? at : lineRunsLeft ? at - length + 1 + j : at + length - 1 - j;
                Append(text, glyphs, words[word], wordRunsLeft);
            }
            i += length;
        }
        return text.ToString();
    }

    private static bool IsRightToLeft(List<Glyph> glyphs, (int Start, int End) word)
    {
        for (int i = word.Start; i < word.End; i++)
        {
            if (GlyphText.IsRightToLeft(glyphs[i].Text) && !char.IsAsciiLetterOrDigit(glyphs[i].Text[^1])) return true;
        }
        return false;
    }

    private static void Append(StringBuilder text, List<Glyph> glyphs, (int Start, int End) word, bool runsLeft)
    {
        if (text.Length > 0) text.Append(' ');
        if (!runsLeft)
        {
            for (int i = word.Start; i < word.End; i++) text.Append(glyphs[i].Text);
            return;
        }
        for (int i = word.End - 1; i >= word.Start; i--)
        {
            if (!char.IsAsciiLetterOrDigit(glyphs[i].Text[0]))
            {
                text.Append(glyphs[i].Text);
                continue;
            }
            int first = i;
            while (first > word.Start && char.IsAsciiLetterOrDigit(glyphs[first - 1].Text[0])) first--;
            for (int j = first; j <= i; j++) text.Append(glyphs[j].Text);
            i = first;
        }
    }
}
