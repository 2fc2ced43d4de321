using System.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Writes blocks as the document's text and notes where paragraphs, sections and pages begin.</summary>
internal sealed class TextAssembler(int pageCount, Hyphenation hyphenation)
{
    private readonly StringBuilder _text = new();
    private readonly List<Paragraph> _paragraphs = [];
    private readonly List<(IReadOnlyList<string> Path, int Start)> _sections = [];
    private readonly int[] _pageStarts = new int[pageCount];
    private int _pagesStarted;

    public string Text => _text.ToString();

    public IReadOnlyList<Paragraph> Paragraphs => _paragraphs;

    public void Add(Block block)
    {
        if (_text.Length > 0) _text.Append("\n\n");
        int start = _text.Length;
        if (block.Lines[0].StartsSection is { } path) _sections.Add((path, start));
        string line = "";
        foreach (TextLine next in block.Lines)
        {
            string written = Written(next, block);
            Join(line, written, next, block.Kind, start);
            line = written;
        }
        _paragraphs.Add(new Paragraph(start, _text.Length, block.Kind));
    }

    public IReadOnlyList<Section> Sections()
    {
        if (_text.Length == 0) return [];
        var sections = new List<Section>();
        if (_sections.Count == 0 || _sections[0].Start > 0) sections.Add(new Section([], 0, _sections.Count == 0 ? _text.Length : _sections[0].Start));
        for (int i = 0; i < _sections.Count; i++)
        {
            sections.Add(new Section(_sections[i].Path, _sections[i].Start, i + 1 < _sections.Count ? _sections[i + 1].Start : _text.Length));
        }
        return sections;
    }

    public IReadOnlyList<PageSpan> Pages(IReadOnlyList<string> labels)
    {
        StartPages(pageCount);
        return [.. Enumerable.Range(0, pageCount).Select(
            i => new PageSpan(i + 1, labels[i], _pageStarts[i], i + 1 < pageCount ? _pageStarts[i + 1] : _text.Length))];
    }

    private static string Written(TextLine line, Block block) => block.Kind switch
    {
        ParagraphKind.Table => string.Join(" | ", line.Cells ?? [line.Text]),
        ParagraphKind.Verse => LineKinds.DotLeaders().Replace(line.Text, leaders => " … " + leaders.Value.TrimStart(' ', '.', '·', '…')),
        ParagraphKind.Code => new string(' ', IndentOf(line, block)) + line.Text,
        _ => line.Text,
    };

    /// <summary>Characters of a monospaced font are about 0.53 to 0.6 em wide.</summary>
    private static int IndentOf(TextLine line, Block block) =>
        (int)Math.Clamp((line.Left - block.Lines.Min(other => other.Left)) / (0.55f * line.Size), 0, 80);

    private void Join(string line, string next, TextLine nextLine, ParagraphKind kind, int blockStart)
    {
        if (_text.Length == blockStart) StartPages(nextLine.Page);
        else if (kind is ParagraphKind.Table or ParagraphKind.Verse or ParagraphKind.Code) _text.Append('\n');
        else if (!Hyphenation.EndsWithHyphen(line)) _text.Append(' ');
        else if (!hyphenation.KeepsHyphen(line, next)) _text.Length--;
        StartPages(nextLine.Page);
        _text.Append(next);
    }

    /// <summary>Pages up to this one begin here, unless they have begun.</summary>
    private void StartPages(int page)
    {
        while (_pagesStarted < page) _pageStarts[_pagesStarted++] = _text.Length;
    }
}
