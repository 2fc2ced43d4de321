using RetrievalAttention.Documents;

namespace RetrievalAttention.Passages;

/// <summary>Cuts a document's sections into units, of which none exceeds the maximum.</summary>
internal sealed class TextUnits(Document document, Func<string, int> countTokens, int maximumTokens)
{
    /// <summary>A token stands for no more than this many characters here, so that a "word" of a megabyte does not count as one.</summary>
    private const int CharactersPerToken = 12;

    private readonly string _text = document.Text;
    private int _paragraph;

    /// <summary>The section's units in order. Sections must be asked for in document order.</summary>
    public IReadOnlyList<TextUnit> Of(Section section)
    {
        var units = new List<TextUnit>();
        int position = section.Start;
        while (NextParagraph(section.End) is { } paragraph)
        {
            AddParagraph(units, position, paragraph.Start, ParagraphKind.Body);
            AddParagraph(units, Math.Max(position, paragraph.Start), paragraph.End, paragraph.Kind);
            position = Math.Max(position, paragraph.End);
        }
        AddParagraph(units, position, section.End, ParagraphKind.Body);
        return units;
    }

    private Paragraph? NextParagraph(int sectionEnd) =>
        _paragraph < document.Paragraphs.Count && document.Paragraphs[_paragraph].Start < sectionEnd ? document.Paragraphs[_paragraph++] : null;

    private void AddParagraph(List<TextUnit> units, int start, int end, ParagraphKind kind)
    {
        if (start >= end) return;
        IReadOnlyList<TextRange> ranges = kind switch
        {
            ParagraphKind.Verse or ParagraphKind.Table or ParagraphKind.Code => Lines(start, end),
            ParagraphKind.Heading => Whole(start, end),
            _ => Sentences.Split(_text, start, end, document.Language),
        };
        List<TextRange> pieces = [.. ranges.SelectMany(Pieces)];
        for (int i = 0; i < pieces.Count; i++)
        {
            int tokens = Count(pieces[i].Start, pieces[i].End);
            units.Add(new TextUnit(pieces[i].Start, pieces[i].End, tokens, kind == ParagraphKind.Heading, EndsParagraph: i == pieces.Count - 1));
        }
    }

    private IReadOnlyList<TextRange> Whole(int start, int end) => Trimmed(start, end) is { Length: > 0 } range ? [range] : [];

    private List<TextRange> Lines(int start, int end)
    {
        var lines = new List<TextRange>();
        while (start < end)
        {
            int lineBreak = _text.AsSpan(start, end - start).IndexOfAny('\n', '\r', '\u2029');
            int lineEnd = lineBreak < 0 ? end : start + lineBreak;
            TextRange line = Trimmed(start, lineEnd);
            if (line.Length > 0) lines.Add(line);
            start = lineEnd + 1;
        }
        return lines;
    }

    private TextRange Trimmed(int start, int end)
    {
        while (start < end && char.IsWhiteSpace(_text[start])) start++;
        while (end > start && char.IsWhiteSpace(_text[end - 1])) end--;
        return new TextRange(start, end);
    }

    /// <summary>The range itself, or pieces of it that do not exceed the maximum.</summary>
    private IEnumerable<TextRange> Pieces(TextRange range)
    {
        TextRange rest = range;
        while (rest.Length > 0)
        {
            int cut = FittingEnd(rest);
            yield return Trimmed(rest.Start, cut);
            rest = Trimmed(cut, rest.End);
        }
    }

    private int FittingEnd(TextRange range)
    {
        int end = Math.Min(range.End, range.Start + maximumTokens * CharactersPerToken);
        if (end < range.End) end = LongSentences.CutBefore(_text, range.Start, end);
        int tokens = Count(range.Start, end);
        while (tokens > maximumTokens)
        {
            int wanted = range.Start + Math.Max(1, (int)((long)(end - range.Start) * maximumTokens / (tokens + 1)));
            end = LongSentences.CutBefore(_text, range.Start, wanted);
            int before = tokens;
            tokens = Count(range.Start, end);
            if (tokens >= before && end - range.Start <= 2) return end;
        }
        return end;
    }

    private int Count(int start, int end) =>
        Math.Max(Math.Max(1, countTokens(_text[start..end])), (end - start + CharactersPerToken - 1) / CharactersPerToken);
}
