using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using EquationText = DocumentFormat.OpenXml.Math.Text;
using WordParagraph = DocumentFormat.OpenXml.Wordprocessing.Paragraph;

namespace RetrievalAttention.Documents.Docx;

/// <summary>Gives the text of a Word document's body to a builder, paragraph by paragraph.</summary>
internal sealed class DocxText(
    MainDocumentPart main, DocumentBuilder builder, IProgress<WorkProgress>? progress, string task, CancellationToken cancellation)
{
    private const int BlocksBetweenReports = 500;

    private readonly DocxStyles _styles = new(main);
    private readonly DocxNumbering _numbering = new(main);
    private readonly List<string> _citedNotes = [];
    private int _blocks;

    public void AddBody(Body body) => AddBlocks(body);

    private void AddBlocks(OpenXmlElement parent)
    {
        foreach (OpenXmlElement element in parent.ChildElements)
        {
            if (_blocks++ % BlocksBetweenReports == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress(task, _blocks, 0, "paragraphs"));
            }
            switch (element)
            {
                case WordParagraph paragraph:
                    AddParagraph(paragraph);
                    break;
                case Table table:
                    builder.Add(Rows(table), ParagraphKind.Table);
                    AddCitedNotes();
                    break;
                case SdtBlock or SdtContentBlock or CustomXmlBlock or InsertedRun or MoveToRun:
                    AddBlocks(element);
                    break;
                case AlternateContent alternate:
                    AddBlocks(alternate.GetFirstChild<AlternateContentChoice>() as OpenXmlElement ?? alternate);
                    break;
            }
        }
    }

    private void AddParagraph(WordParagraph paragraph)
    {
        string text = Text(paragraph);
        int? level = _styles.OutlineLevel(paragraph);
        if (level is { } rank && text.Length > 0)
        {
            string title = _numbering.Prefix(_styles.Numbering(paragraph)) + text.Replace('\n', ' ');
            builder.BeginSection(builder.NextStart, rank, title);
            builder.Add(title, ParagraphKind.Heading);
        }
        else if (text.Length > 0)
        {
            bool verse = text.Contains('\n') && text.Split('\n').All(line => line.Length <= 80);
            string prefix = _numbering.Prefix(_styles.Numbering(paragraph));
            builder.Add(prefix + (verse ? text : text.Replace('\n', ' ')), verse ? ParagraphKind.Verse : ParagraphKind.Body);
        }
        AddTextBoxes(paragraph);
        AddCitedNotes();
    }

    /// <summary>Text boxes stand beside the paragraph that anchors them; they follow it.</summary>
    private void AddTextBoxes(OpenXmlElement paragraph)
    {
        foreach (TextBoxContent box in paragraph.Descendants<TextBoxContent>())
            if (!box.Ancestors<AlternateContentFallback>().Any() && box.Ancestors<TextBoxContent>().FirstOrDefault() is null) AddBlocks(box);
    }

    private void AddCitedNotes()
    {
        if (_citedNotes.Count == 0) return;
        string[] notes = [.. _citedNotes];
        _citedNotes.Clear();
        foreach (string note in notes) builder.Add(note, ParagraphKind.Footnote);
    }

    private string Rows(Table table)
    {
        List<string> rows = [];
        foreach (TableRow row in In<TableRow>(table))
        {
            IEnumerable<string> cells = In<TableCell>(row).Select(cell => string.Join(' ',
                cell.Descendants<WordParagraph>().Select(Text).Where(text => text.Length > 0)).Replace('\n', ' '));
            string line = string.Join(" | ", cells);
            if (line.Any(char.IsLetterOrDigit)) rows.Add(line);
        }
        return string.Join('\n', rows);
    }

    /// <summary>Rows or cells, also those inside content controls.</summary>
    private static IEnumerable<T> In<T>(OpenXmlElement parent) where T : OpenXmlElement => parent.ChildElements.SelectMany(child => child switch
    {
        T found => [found],
        SdtElement or SdtContentRow or SdtContentCell or CustomXmlRow or CustomXmlCell => In<T>(child),
        _ => Enumerable.Empty<T>(),
    });

    /// <summary>A paragraph's visible text on one line, '\n' where a line break was set.</summary>
    private string Text(OpenXmlElement paragraph)
    {
        StringBuilder text = new();
        Append(text, paragraph);
        string[] lines = [.. text.ToString().Split('\n').Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        return string.Join('\n', lines.Where(line => line.Length > 0));
    }

    private void Append(StringBuilder text, OpenXmlElement parent)
    {
        foreach (OpenXmlElement element in parent.ChildElements)
        {
            switch (element)
            {
                case DeletedRun or MoveFromRun or DeletedText or TextBoxContent or DeletedFieldCode or FieldCode or AlternateContentFallback:
                    break;
                case Run { RunProperties.Vanish: { } vanish } when vanish.Val is null || vanish.Val.Value:
                    break;
                case Text run:
                    text.Append(run.Text);
                    break;
                case EquationText equation:
                    text.Append(equation.Text);
                    break;
                case SymbolChar symbol:
                    if (DocxSymbol.Text(symbol) is { } sign) text.Append(sign);
                    else builder.Warn($"Symbols of the font '{symbol.Font?.Value}' were left out, because what they show is not known.");
                    break;
                case TabChar:
                    text.Append(' ');
                    break;
                case NoBreakHyphen:
                    text.Append('-');
                    break;
                case Break or CarriageReturn:
                    text.Append('\n');
                    break;
                case FootnoteReference { Id: { } id }:
                    Cite(text, id, main.FootnotesPart?.Footnotes?.Elements<Footnote>().FirstOrDefault(note => note.Id?.Value == id.Value));
                    break;
                case EndnoteReference { Id: { } id }:
                    Cite(text, id, main.EndnotesPart?.Endnotes?.Elements<Endnote>().FirstOrDefault(note => note.Id?.Value == id.Value));
                    break;
                default:
                    if (element.HasChildren) AppendWithSigns(text, element);
                    break;
            }
        }
    }

    private void AppendWithSigns(StringBuilder text, OpenXmlElement element)
    {
        int before = text.Length;
        text.Append(DocxEquation.SignBefore(element));
        int start = text.Length;
        Append(text, element);
        if (DocxEquation.IsGroup(element) && text.Length > start + 1) text.Insert(start, '(').Append(')');
        text.Append(DocxEquation.SignAfter(element));
        if (text.Length == start) text.Length = before;
    }

    private void Cite(StringBuilder text, IntegerValue id, OpenXmlElement? note)
    {
        if (note is null) return;
        string mark = string.Create(CultureInfo.InvariantCulture, $"[{id.Value}]");
        text.Append(mark);
        _citedNotes.Add($"{mark} {string.Join(' ', note.Elements<WordParagraph>().Select(Text)).Replace('\n', ' ')}");
    }
}
