using System.Globalization;
using System.Text;
using AngleSharp.Dom;

namespace RetrievalAttention.Documents.Html;

/// <summary>Walks an HTML tree without recursion (hostile pages nest a million deep) and gives its text to a builder, block by block.</summary>
internal sealed class HtmlText
{
    private const int NodesBetweenChecks = 4096;

    /// <summary>Longest line that reads as a line of verse.</summary>
    private const int LongestVerseLine = 80;

    private static readonly HashSet<string> Blocks =
    [
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "ol", "p", "pre",
        "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    ];

    /// <summary>From this many links on, a list of nothing but links into the same book is a table of contents.</summary>
    private const int ContentsLinks = 8;

    private static readonly HashSet<string> NoteTypes = ["footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "doc-footnote", "doc-endnote", "doc-endnotes"];

    private readonly DocumentBuilder _builder;
    private readonly HiddenElements _hidden;
    private readonly bool _leavesOutContents;
    private readonly CancellationToken _cancellation;
    private readonly StringBuilder _line = new();
    private readonly Stack<(bool Ordered, int Number)> _lists = new();
    private readonly List<(string Id, int Offset)> _pendingAnchors = [];
    private readonly List<(string Label, int Offset)> _pendingPages = [];
    private int _preformatted;
    private int _notes;
    private string _prefix = "";

    private HtmlText(DocumentBuilder builder, HiddenElements hidden, bool leavesOutContents, CancellationToken cancellation) =>
        (_builder, _hidden, _leavesOutContents, _cancellation) = (builder, hidden, leavesOutContents, cancellation);

    /// <summary>Where each id stands in the built text.</summary>
    public Dictionary<string, int> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Headings with their level, 1 to 6.</summary>
    public List<(int Start, int Level, string Title)> Headings { get; } = [];

    /// <summary>Page breaks with the labels that the markup gives them.</summary>
    public List<(int Start, string Label)> PageBreaks { get; } = [];

    /// <param name="leavesOutContents">Whether tables of contents are left out: in books, whose sections say the same.</param>
    public static HtmlText AddTo(DocumentBuilder builder, IDocument page, IElement root, bool leavesOutContents, CancellationToken cancellation)
    {
        HtmlText text = new(builder, new HiddenElements(page), leavesOutContents, cancellation);
        text.Walk(root);
        return text;
    }

    private void Walk(IElement root)
    {
        // Positions in lists of children, since a node finds its next sibling only by searching from the first.
        Stack<(INode Parent, int Next)> open = new();
        if (Enter(root)) open.Push((root, 0));
        for (int visited = 0; open.TryPop(out (INode Parent, int Next) place); visited++)
        {
            if (visited % NodesBetweenChecks == 0) _cancellation.ThrowIfCancellationRequested();
            if (place.Next == place.Parent.ChildNodes.Length)
            {
                Leave(place.Parent);
                continue;
            }
            open.Push((place.Parent, place.Next + 1));
            INode child = place.Parent.ChildNodes[place.Next];
            if (Enter(child)) open.Push((child, 0));
        }
        Flush(ParagraphKind.Body);
        // What stands after the last text belongs before the next file's first.
        foreach ((string id, _) in _pendingAnchors) Anchors.TryAdd(id, _builder.NextStart);
        foreach ((string label, _) in _pendingPages) PageBreaks.Add((_builder.NextStart, label));
    }

    /// <summary>Takes a node's own text; whether its children are to be visited.</summary>
    private bool Enter(INode node)
    {
        if (node is IText text)
        {
            Append(text.Data);
            return false;
        }
        if (node is not IElement element) return node is IDocument;
        if (IsPageBreak(element))
        {
            _pendingPages.Add((element.GetAttribute("title") ?? element.GetAttribute("aria-label") ?? element.TextContent.Trim(), _line.Length));
            AddAnchor(element);
            return false;
        }
        if (_hidden.Contains(element)) return false;
        if (Blocks.Contains(element.LocalName)) Flush(ParagraphKind.Body);
        AddAnchor(element);
        switch (element.LocalName)
        {
            case "br":
                if (_preformatted > 0) _line.Append('\n');
                else if (_line.Length > 0) _line.Append('\u2028');
                return false;
            case "img":
                if (element.ClassList.Contains("math") || element.GetAttribute("alttext") is not null) Append(element.GetAttribute("alt") ?? "");
                return false;
            case "math" when element.GetAttribute("alttext") is { Length: > 0 } formula:
                Append(formula);
                return false;
            case "table" when HtmlTable.Rows(element, _hidden) is { } rows:
                int start = _builder.Add(rows, ParagraphKind.Table);
                foreach (IElement inner in element.QuerySelectorAll("[id]")) Anchors.TryAdd(inner.Id!, start);
                ResolvePending(start, 0);
                return false;
            case "a" when IsNoteReference(element):
                _line.Append('[').Append(element.TextContent.Trim().Trim('[', ']')).Append(']');
                return false;
            case "pre":
                _preformatted++;
                break;
            case "ol" or "ul" when _lists.Count == 0 && _leavesOutContents && IsContents(element):
                return false;
            case "ol" or "ul" or "menu" or "dir":
                int first = int.TryParse(element.GetAttribute("start"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : 1;
                _lists.Push((element.LocalName == "ol", first));
                break;
            case "li":
                BeginItem();
                break;
        }
        if (IsNote(element)) _notes++;
        return true;
    }

    private void Leave(INode node)
    {
        if (node is not IElement element) return;
        string name = element.LocalName;
        if (name is ['h', >= '1' and <= '6']) FlushHeading(name[1] - '0');
        else if (Blocks.Contains(name)) Flush(name == "pre" ? ParagraphKind.Code : ParagraphKind.Body);
        if (name == "pre") _preformatted--;
        else if (name is "ol" or "ul" or "menu" or "dir" && _lists.Count > 0) _lists.Pop();
        else if (name == "li") _prefix = "";
        if (IsNote(element)) _notes--;
    }

    private void BeginItem()
    {
        if (_lists.Count == 0) return;
        (bool ordered, int number) = _lists.Pop();
        _lists.Push((ordered, number + 1));
        _prefix = ordered ? string.Create(CultureInfo.InvariantCulture, $"{number}. ") : "- ";
    }

    private void Append(string text)
    {
        if (_preformatted > 0)
        {
            _line.Append(text);
            return;
        }
        foreach (char c in text)
        {
            bool blank = c is ' ' or '\t' or '\n' or '\r' or '\f';
            if (!blank) _line.Append(c is '\u2028' or '\u2029' ? ' ' : c);
            else if (_line.Length > 0 && _line[^1] is not (' ' or '\u2028')) _line.Append(' ');
        }
    }

    private void FlushHeading(int level)
    {
        string title = _line.ToString().Replace('\u2028', ' ').Trim();
        if (title.Length == 0)
        {
            Flush(ParagraphKind.Body);
            return;
        }
        Headings.Add((_builder.NextStart, level, title));
        Flush(ParagraphKind.Heading);
    }

    private void Flush(ParagraphKind kind)
    {
        string text = kind == ParagraphKind.Code || _preformatted > 0 ? Code() : Lines(ref kind);
        if (text.Length == 0)
        {
            _line.Clear();
            return;
        }
        int trimmed = 0;
        while (trimmed < _line.Length && char.IsWhiteSpace(_line[trimmed])) trimmed++;
        if (_preformatted > 0) kind = ParagraphKind.Code;
        else if (_notes > 0) kind = ParagraphKind.Footnote;
        int start = _builder.Add(_prefix + text, kind);
        ResolvePending(start, trimmed - _prefix.Length);
        _prefix = "";
        _line.Clear();
    }

    private string Code()
    {
        string text = _line.ToString().Replace("\r\n", "\n").Replace('\r', '\n').Replace('\u2028', '\n').TrimEnd();
        // An empty line separates paragraphs, so inside code it keeps a blank.
        return text.TrimStart('\n').Replace("\n\n", "\n \n").Replace("\n\n", "\n \n");
    }

    /// <summary>A paragraph on one line; where breaks make several short lines of it, verse.</summary>
    private string Lines(ref ParagraphKind kind)
    {
        string[] lines = [.. _line.ToString().Split('\u2028').Select(line => line.Trim()).Where(line => line.Length > 0)];
        bool verse = kind == ParagraphKind.Body && _notes == 0 && lines.Length > 1 && lines.All(line => line.Length <= LongestVerseLine);
        if (verse) kind = ParagraphKind.Verse;
        return string.Join(verse ? '\n' : ' ', lines);
    }

    private void AddAnchor(IElement element)
    {
        if (element.Id is { Length: > 0 } id) _pendingAnchors.Add((id, _line.Length));
        else if (element.LocalName == "a" && element.GetAttribute("name") is { Length: > 0 } name) _pendingAnchors.Add((name, _line.Length));
    }

    /// <summary>Gives ids and page breaks met since the last paragraph their places in the one that starts here.</summary>
    private void ResolvePending(int start, int removedBefore)
    {
        foreach ((string id, int offset) in _pendingAnchors) Anchors.TryAdd(id, start);
        foreach ((string label, int offset) in _pendingPages)
            PageBreaks.Add((Math.Clamp(offset == 0 ? start : start + offset - removedBefore, start, _builder.NextStart - 2), label));
        _pendingAnchors.Clear();
        _pendingPages.Clear();
    }

    private static bool IsPageBreak(IElement element) => Types(element).Contains("pagebreak") || element.GetAttribute("role") == "doc-pagebreak";

    private static bool IsNote(IElement element) => element.LocalName is "aside" or "section" or "div" or "li" or "ol" or "p"
        && (Types(element).Any(NoteTypes.Contains) || (element.GetAttribute("role") is { } role && NoteTypes.Contains(role)));

    private static bool IsNoteReference(IElement element) =>
        (Types(element).Contains("noteref") || element.GetAttribute("role") == "doc-noteref") && element.TextContent.Trim() is { Length: > 0 and <= 6 };

    private static bool IsContents(IElement list)
    {
        IElement[] links = [.. list.QuerySelectorAll("a[href]")];
        return links.Length >= ContentsLinks && links.All(link => !link.GetAttribute("href")!.Contains(':'))
            && links.Sum(link => Visible(link.TextContent)) >= 0.95 * Visible(list.TextContent);
    }

    private static int Visible(string text) => text.Count(c => !char.IsWhiteSpace(c));

    private static string[] Types(IElement element) => element.GetAttribute("epub:type")?.Split(' ') ?? [];
}
