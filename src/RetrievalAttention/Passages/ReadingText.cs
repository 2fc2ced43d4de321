using System.Text;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Passages;

/// <summary>A range of a document as a person reads it: hard-wrapped lines joined, lines of verse, tables and code kept.</summary>
internal static class ReadingText
{
    public static string Of(Document document, int start, int end)
    {
        var text = new StringBuilder(end - start);
        int position = start;
        for (int p = FirstParagraphEndingAfter(document, start); p < document.Paragraphs.Count && document.Paragraphs[p].Start < end; p++)
        {
            Paragraph paragraph = document.Paragraphs[p];
            Append(text, document.Text.AsSpan(position, Math.Max(0, paragraph.Start - position)), keepLines: false);
            int from = Math.Max(start, paragraph.Start);
            position = Math.Min(end, paragraph.End);
            bool keepLines = paragraph.Kind is ParagraphKind.Verse or ParagraphKind.Table or ParagraphKind.Code;
            Append(text, document.Text.AsSpan(from, position - from), keepLines);
        }
        Append(text, document.Text.AsSpan(position, end - position), keepLines: false);
        return text.ToString();
    }

    private static int FirstParagraphEndingAfter(Document document, int start)
    {
        int low = 0;
        int high = document.Paragraphs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (document.Paragraphs[middle].End <= start) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Paragraphs stand on lines of their own.</summary>
    private static void Append(StringBuilder text, ReadOnlySpan<char> range, bool keepLines)
    {
        bool first = true;
        foreach (ReadOnlySpan<char> line in range.EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = keepLines ? line.TrimEnd() : line.Trim();
            if (trimmed.IsWhiteSpace()) continue;
            if (text.Length > 0) text.Append(first || keepLines ? '\n' : ' ');
            text.Append(trimmed);
            first = false;
        }
    }
}
