namespace RetrievalAttention.Documents.PlainText;

/// <summary>
/// Finds paragraphs between blank lines and headings, and what kind each is. The telling question about a line break is whether the next
/// line's first word would still have fitted: if not, the line was wrapped and the paragraph goes on; if so, somebody wanted the break.
/// </summary>
internal sealed class ParagraphFinder
{
    /// <summary>Share of wanted breaks from which a block is kept in lines.</summary>
    private const double WantedShare = 0.4;

    /// <summary>Columns that a wrapped line may fall short of the width.</summary>
    private const int Slack = 3;

    private readonly string _text;
    private readonly List<TextLine> _lines;
    private readonly List<Paragraph> _found = [];
    private readonly int _width;

    private ParagraphFinder(string text, List<TextLine> lines)
    {
        (_text, _lines) = (text, lines);
        _width = WrapWidth(lines);
    }

    public static List<Paragraph> Find(string text, List<TextLine> lines, List<Heading> headings)
    {
        ParagraphFinder finder = new(text, lines);
        int line = 0;
        foreach (Heading heading in headings)
        {
            finder.AddBlocks(line, heading.FirstLine);
            finder.Add(heading.FirstLine, heading.LastLine + 1, ParagraphKind.Heading);
            line = heading.LastLine + 1;
        }
        finder.AddBlocks(line, lines.Count);
        return finder._found;
    }

    /// <summary>The column at which the text's lines were wrapped: nine of ten lines of its longer blocks are no longer.</summary>
    private static int WrapWidth(List<TextLine> lines)
    {
        List<int> lengths = [];
        for (int i = 0; i + 1 < lines.Count; i++)
        {
            int length = lines[i].Indent + lines[i].Length;
            if (!lines[i].IsBlank && !lines[i + 1].IsBlank && length <= HeadingFinder.UnwrappedLength) lengths.Add(length);
        }
        if (lengths.Count == 0) return HeadingFinder.UnwrappedLength;
        lengths.Sort();
        return lengths[lengths.Count * 9 / 10];
    }

    private void AddBlocks(int from, int to)
    {
        for (int i = from; i < to;)
        {
            if (_lines[i].IsBlank)
            {
                i++;
                continue;
            }
            int end = i + 1;
            while (end < to && !_lines[end].IsBlank) end++;
            AddBlock(i, end);
            i = end;
        }
    }

    private void AddBlock(int from, int to)
    {
        if (to - from == 1) Add(from, to, ParagraphKind.Body);
        else if (TableRows.AreIn(_text, _lines, from, to)) Add(from, to, ParagraphKind.Table);
        else if (HasUnwrapped(from, to)) AddUnwrapped(from, to);
        else AddWrapped(from, to);
    }

    /// <summary>Lines that hold a whole paragraph each, unless a sentence runs on.</summary>
    private void AddUnwrapped(int from, int to)
    {
        int start = from;
        for (int i = from; i + 1 < to; i++)
        {
            bool longLine = Math.Max(_lines[i].Length, _lines[i + 1].Length) > HeadingFinder.UnwrappedLength;
            if (!longLine || RunsOn(i)) continue;
            AddUnwrappedPart(start, i + 1);
            start = i + 1;
        }
        AddUnwrappedPart(start, to);
    }

    private void AddUnwrappedPart(int from, int to)
    {
        if (to - from == 1 || HasUnwrapped(from, to)) Add(from, to, ParagraphKind.Body);
        else AddWrapped(from, to);
    }

    private void AddWrapped(int from, int to)
    {
        int wanted = 0, width = Width(from, to);
        for (int i = from; i + 1 < to; i++)
            if (IsWanted(i, width)) wanted++;
        if (IsVerse(from, to, wanted)) Add(from, to, ParagraphKind.Verse);
        else AddProse(from, to, width);
    }

    private bool IsVerse(int from, int to, int wanted) =>
        (wanted > WantedShare * (to - from - 1) && LooksLikeVerse(from, to)) || EachLineBeginsAnew(from, to);

    /// <summary>Wrapped prose that may hold several paragraphs, told apart by a short last line or a first line set in, and quotations set in.</summary>
    private void AddProse(int from, int to, int width)
    {
        int start = from, margin = Margin(from, to);
        for (int i = from; i + 1 < to; i++)
        {
            bool setIn = _lines[i + 1].Indent >= margin + 2 && _lines[i].Indent == margin;
            bool ends = IsWanted(i, width - Slack) && EndsSentence(i) && !StartsLower(i + 1);
            if (!setIn && !ends) continue;
            if (setIn && StartsLower(i + 1) && (i + 2 == to || _lines[i + 2].Indent == margin)) continue;
            Add(start, i + 1, ParagraphKind.Body);
            start = i + 1;
            if (!setIn) continue;
            int endOfSetIn = start + 1;
            while (endOfSetIn < to && _lines[endOfSetIn].Indent >= margin + 2) endOfSetIn++;
            if (endOfSetIn - start < 2) continue;
            AddSetIn(start, endOfSetIn);
            start = endOfSetIn;
            i = endOfSetIn - 1;
        }
        if (start < to) Add(start, to, ParagraphKind.Body);
    }

    private void AddSetIn(int from, int to)
    {
        int width = Width(from, to), wanted = 0;
        for (int i = from; i + 1 < to; i++)
            if (IsWanted(i, width)) wanted++;
        Add(from, to, IsVerse(from, to, wanted) ? ParagraphKind.Verse : ParagraphKind.Body);
    }

    /// <summary>The width that the block was wrapped to: the text's, or its own longest line where the block is set narrower.</summary>
    private int Width(int from, int to)
    {
        int longest = 0, shortest = int.MaxValue;
        for (int i = from; i < to; i++)
        {
            longest = Math.Max(longest, _lines[i].Indent + _lines[i].Length);
            if (i + 1 < to) shortest = Math.Min(shortest, _lines[i].Indent + _lines[i].Length);
        }
        bool even = to - from >= 4 && shortest >= longest - 12;
        return even ? longest : Math.Max(longest, _width);
    }

    /// <summary>Whether the break after the line was wanted: the next line's first word would have fitted.</summary>
    private bool IsWanted(int line, int width)
    {
        ReadOnlySpan<char> next = _lines[line + 1].In(_text);
        int word = next.IndexOfAny(' ', '\t');
        if (word < 0) word = next.Length;
        return _lines[line].Indent + _lines[line].Length + 1 + word <= width - Slack;
    }

    /// <summary>Lines of verse (addresses, signatures) begin with capitals or are set in.</summary>
    private bool LooksLikeVerse(int from, int to)
    {
        int marked = 0;
        for (int i = from + 1; i < to; i++)
            if (!StartsLower(i) || _lines[i].Indent != _lines[i - 1].Indent) marked++;
        return marked >= 0.7 * (to - from - 1);
    }

    /// <summary>Three lines or more that all begin with a capital, in text that is not all capitals: prose does that by no accident.</summary>
    private bool EachLineBeginsAnew(int from, int to)
    {
        bool hasLower = false;
        for (int i = from; i < to; i++)
        {
            ReadOnlySpan<char> line = _lines[i].In(_text);
            if (line.TrimStart("\"'“‘_([«„ ") is not [char first, ..] || !char.IsUpper(first)) return false;
            foreach (char c in line) hasLower |= char.IsLower(c);
        }
        return hasLower && to - from >= 3;
    }

    private int Margin(int from, int to)
    {
        int margin = int.MaxValue;
        for (int i = from; i < to; i++) margin = Math.Min(margin, _lines[i].Indent);
        return margin;
    }

    private bool HasUnwrapped(int from, int to)
    {
        for (int i = from; i < to; i++)
            if (_lines[i].Length > HeadingFinder.UnwrappedLength) return true;
        return false;
    }

    private bool RunsOn(int line) => StartsLower(line + 1) && !EndsSentence(line);

    private bool StartsLower(int line) => char.IsLower(_text[_lines[line].Start]);

    private bool EndsSentence(int line) =>
        _text[_lines[line].End - 1] is '.' or '!' or '?' or '"' or '\'' or '”' or '’' or '»' or '“' or ':' or '…' or '-' or '—' or ')' or ']' or '_';

    private void Add(int from, int to, ParagraphKind kind) => _found.Add(new Paragraph(_lines[from].Start, _lines[to - 1].End, kind));
}
