using System.Text;
using AngleSharp.Dom;

namespace RetrievalAttention.Documents.Html;

/// <summary>A table as rows: one line each, cells separated by " | ".</summary>
internal static class HtmlTable
{
    /// <summary>The rows; null for a table that only lays out the page (one column, or tables and headings inside) or holds no text.</summary>
    public static string? Rows(IElement table, HiddenElements hidden)
    {
        if (table.QuerySelector("table,h1,h2,h3,h4,h5,h6,pre") is not null) return null;
        List<string> rows = [];
        int widest = 0;
        if (table.QuerySelector("caption") is { } caption && Text(caption, hidden) is { Length: > 0 } name) rows.Add(name);
        foreach (IElement row in table.QuerySelectorAll("tr"))
        {
            if (hidden.Contains(row)) continue;
            string[] cells = [.. row.Children.Where(cell => cell.LocalName is "td" or "th" && !hidden.Contains(cell)).Select(cell => Text(cell, hidden))];
            widest = Math.Max(widest, cells.Length);
            if (cells.Any(cell => cell.Length > 0)) rows.Add(string.Join(" | ", cells));
        }
        return widest >= 2 && rows.Count > 0 ? string.Join('\n', rows) : null;
    }

    private static string Text(IElement cell, HiddenElements hidden)
    {
        StringBuilder text = new();
        for (INode? node = cell; node is not null;)
        {
            bool skipped = node is IElement element && node != cell && hidden.Contains(element);
            if (node is IText data) text.Append(data.Data);
            // Blocks and breaks inside a cell part words.
            else if (node is IElement { LocalName: "br" or "p" or "div" or "li" }) text.Append(' ');
            if (!skipped && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }
            while (node is not null && node != cell && node.NextSibling is null) node = node.Parent;
            node = node is null || node == cell ? null : node.NextSibling;
        }
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
