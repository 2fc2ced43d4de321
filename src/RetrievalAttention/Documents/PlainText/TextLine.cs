namespace RetrievalAttention.Documents.PlainText;

/// <summary>One line of a text: its visible characters without the blanks around them. A blank line has none.</summary>
/// <param name="Start">First visible character; for a blank line, where the line starts.</param>
/// <param name="End">One past the last visible character.</param>
/// <param name="Indent">Columns before the first visible character, a tab counted to the next multiple of eight.</param>
internal readonly record struct TextLine(int Start, int End, int Indent)
{
    public bool IsBlank => Start == End;

    public int Length => End - Start;

    /// <summary>Columns that the visible characters take: ideographs and kana take two.</summary>
    public int Columns(string text)
    {
        int columns = 0;
        foreach (char c in In(text)) columns += Ideograph.Is(c) ? 2 : 1;
        return columns;
    }

    public ReadOnlySpan<char> In(string text) => text.AsSpan(Start, Length);

    /// <summary>Lines of a text, broken at \n, \r\n, \r and form feeds.</summary>
    public static List<TextLine> Split(string text)
    {
        List<TextLine> lines = [];
        for (int at = 0; at < text.Length;)
        {
            int length = text.AsSpan(at).IndexOfAny('\n', '\r', '\f');
            int end = length < 0 ? text.Length : at + length;
            lines.Add(Of(text, at, end));
            at = end + 1;
            if (at < text.Length && text[end] == '\r' && text[at] == '\n') at++;
        }
        return lines;
    }

    private static TextLine Of(string text, int start, int end)
    {
        int first = start, last = end, indent = 0;
        for (; first < last && char.IsWhiteSpace(text[first]); first++) indent = text[first] == '\t' ? (indent / 8 + 1) * 8 : indent + 1;
        while (last > first && char.IsWhiteSpace(text[last - 1])) last--;
        return first == last ? new TextLine(start, start, 0) : new TextLine(first, last, indent);
    }
}
