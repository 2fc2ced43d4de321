using System.Text;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Documents;

/// <summary>
/// Collects extracted text in reading order: paragraphs as single lines (verse, tables and code as several), an empty line between them,
/// with headings, sections and printed pages at their places. For formats whose text is not a slice of the file.
/// </summary>
public sealed class DocumentBuilder
{
    private const string Separator = "\n\n";

    private readonly StringBuilder _text = new();
    private readonly List<Paragraph> _paragraphs = [];
    private readonly List<(int Start, int Rank, string Title)> _sections = [];
    private readonly List<(int Start, string Label)> _pages = [];
    private readonly List<string> _warnings = [];

    /// <summary>Where the next paragraph will start.</summary>
    public int NextStart => _text.Length == 0 ? 0 : _text.Length + Separator.Length;

    public bool IsEmpty => _text.Length == 0;

    public IReadOnlyList<Paragraph> Paragraphs => _paragraphs;

    /// <summary>The first heading's text; null when there is none.</summary>
    public string? FirstHeading =>
        _paragraphs.FindIndex(paragraph => paragraph.Kind == ParagraphKind.Heading) is var at and >= 0
            ? _text.ToString(_paragraphs[at].Start, _paragraphs[at].End - _paragraphs[at].Start)
            : null;

    /// <summary>Adds a paragraph and returns where it starts. Blank text adds nothing.</summary>
    public int Add(string text, ParagraphKind kind)
    {
        int start = NextStart;
        if (string.IsNullOrWhiteSpace(text)) return start;
        if (_text.Length > 0) _text.Append(Separator);
        _text.Append(text);
        _paragraphs.Add(new Paragraph(start, _text.Length, kind));
        return start;
    }

    /// <summary>Begins a section at a place already reached or next to come; its rank (0 outermost) says which sections it ends.</summary>
    public void BeginSection(int start, int rank, string title) => _sections.Add((start, rank, title));

    /// <summary>A printed page begins at this place.</summary>
    public void BeginPage(int start, string label) => _pages.Add((start, label));

    /// <summary>Adds a warning, once.</summary>
    public void Warn(string sentence)
    {
        if (!_warnings.Contains(sentence)) _warnings.Add(sentence);
    }

    /// <exception cref="ProblemException">Nothing was added.</exception>
    public Document Build(SourceFile file, DocumentFormat format, string contentHash, string? title, string? author, string? language)
    {
        if (IsEmpty)
            throw new ProblemException(ProblemKind.Document, $"'{file.Path}' holds no text (only pictures, or nothing that is shown), so there is nothing to read.");
        string text = _text.ToString();
        if (_sections.Count == 0) FindHeadings(text);
        return new Document
        {
            Path = file.Path,
            Format = format,
            Title = Chosen(title) ?? Chosen(FirstHeading) ?? Path.GetFileNameWithoutExtension(file.Path),
            Author = Chosen(author),
            Language = DeclaredLanguage.CodeOf(language) ?? LanguageGuess.Of(text),
            ContentHash = contentHash,
            Text = text,
            Sections = SectionList.From([.. _sections.OrderBy(section => section.Start)], text),
            Paragraphs = [.. _paragraphs],
            Pages = PagesOver(text.Length),
            Warnings = [.. _warnings],
        };
    }

    /// <summary>Chapters that nothing marks as headings are found by their words, as in plain text.</summary>
    private void FindHeadings(string text)
    {
        List<TextLine> lines = TextLine.Split(text);
        foreach (Heading heading in HeadingFinder.Find(text, lines).Where(heading => heading.Style != HeadingStyle.ShortLine))
        {
            int start = lines[heading.FirstLine].Start, end = lines[heading.LastLine].End;
            List<int> parts = [.. Enumerable.Range(0, _paragraphs.Count).Where(i => _paragraphs[i].Start < end && _paragraphs[i].End > start)];
            if (parts.Any(i => _paragraphs[i].Start < start || _paragraphs[i].End > end)) continue;
            BeginSection(start, heading.Rank, heading.Title);
            foreach (int i in parts) _paragraphs[i] = _paragraphs[i] with { Kind = ParagraphKind.Heading };
        }
    }

    private static string? Chosen(string? value) => string.IsNullOrWhiteSpace(value) ? null : string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private List<PageSpan> PagesOver(int length)
    {
        List<PageSpan> pages = [];
        List<(int Start, string Label)> ordered = [.. _pages.OrderBy(page => page.Start)];
        for (int i = 0; i < ordered.Count; i++)
        {
            int end = i + 1 < ordered.Count ? ordered[i + 1].Start : length;
            pages.Add(new PageSpan(i + 1, ordered[i].Label, Math.Min(ordered[i].Start, length), Math.Min(end, length)));
        }
        return pages;
    }
}
