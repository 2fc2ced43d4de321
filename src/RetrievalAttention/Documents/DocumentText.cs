using System.Text;

namespace RetrievalAttention.Documents;

/// <summary>Reads ranges of a document as a person would, and says where they stand. Safe to use from several threads.</summary>
public sealed class DocumentText(Document document)
{
    private readonly Lazy<int[]> _lineStarts = new(() => LineStarts(document.Text));

    public Document Document => document;

    /// <summary>
    /// The range as running text: wrapped lines of a paragraph joined by a blank (Chinese and Japanese by nothing), lines of verse, tables and code kept, one line break between
    /// paragraphs. A hyphen at the end of a line stays as it is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the text.</exception>
    public string ReadingText(int start, int end)
    {
        Check(start, end);
        StringBuilder result = new(end - start);
        int at = start;
        for (int i = FirstParagraphAfter(start); i < document.Paragraphs.Count && document.Paragraphs[i].Start < end; i++)
        {
            Paragraph paragraph = document.Paragraphs[i];
            Append(result, at, Math.Min(paragraph.Start, end), keepsLines: false, keepsIndent: false);
            int from = Math.Max(paragraph.Start, start), to = Math.Min(paragraph.End, end);
            Append(result, from, to, paragraph.Kind is ParagraphKind.Verse or ParagraphKind.Table or ParagraphKind.Code, paragraph.Kind == ParagraphKind.Code);
            at = to;
        }
        Append(result, at, end, keepsLines: false, keepsIndent: false);
        return result.ToString();
    }

    /// <summary>Where the range stands. O(log n).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the text.</exception>
    public Locator Locate(int start, int end)
    {
        Check(start, end);
        int section = Last(document.Sections.Count, i => document.Sections[i].Start <= start);
        int page = Last(document.Pages.Count, i => document.Pages[i].Start <= start);
        int offset = document.SourceOffset ?? 0;
        return new Locator(
            section < 0 ? "" : string.Join(" › ", document.Sections[section].HeadingPath),
            page < 0 ? null : document.Pages[page].Number,
            page < 0 ? null : document.Pages[page].Label,
            document.SourceLine is { } firstLine ? firstLine + Last(_lineStarts.Value.Length, i => _lineStarts.Value[i] <= start) : null,
            offset + start,
            offset + end,
            document.Text.Length == 0 ? 0 : (double)start / document.Text.Length);
    }

    private void Check(int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, document.Text.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);
    }

    private void Append(StringBuilder result, int start, int end, bool keepsLines, bool keepsIndent)
    {
        ReadOnlySpan<char> text = document.Text.AsSpan(start, Math.Max(0, end - start)).Trim();
        if (text.Length == 0) return;
        if (result.Length > 0) result.Append('\n');
        bool first = true;
        foreach (ReadOnlySpan<char> whole in text.EnumerateLines())
        {
            ReadOnlySpan<char> line = keepsIndent ? whole.TrimEnd() : whole.Trim();
            if (line.Length == 0) continue;
            if (!first && keepsLines) result.Append('\n');
            else if (!first && !(Ideograph.Is(result[^1]) && Ideograph.Is(line[0]))) result.Append(' ');
            result.Append(line);
            first = false;
        }
    }

    private int FirstParagraphAfter(int start) => Last(document.Paragraphs.Count, i => document.Paragraphs[i].End <= start) + 1;

    /// <summary>The last of the indices 0..count-1 for which the condition holds, which holds for a prefix of them; -1 for none.</summary>
    private static int Last(int count, Func<int, bool> holds)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (holds(middle)) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }

    private static int[] LineStarts(string text)
    {
        List<int> starts = [0];
        for (int i = 0; i < text.Length; i++)
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))) starts.Add(i + 1);
        return [.. starts];
    }
}
