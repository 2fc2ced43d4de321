using System.Globalization;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using WordParagraph = DocumentFormat.OpenXml.Wordprocessing.Paragraph;

namespace RetrievalAttention.Documents.Docx;

/// <summary>What a document's styles say about its paragraphs, through the chain of styles they are based on.</summary>
internal sealed class DocxStyles
{
    /// <summary>Chains of styles are short; a longer one runs in a circle.</summary>
    private const int LongestChain = 20;

    /// <summary>An outline level above eight means body text.</summary>
    private const int LastOutlineLevel = 8;

    private readonly Dictionary<string, Style> _styles = [];

    public DocxStyles(MainDocumentPart main)
    {
        foreach (Style style in main.StyleDefinitionsPart?.Styles?.Elements<Style>() ?? [])
            if (style.StyleId?.Value is { } id) _styles.TryAdd(id, style);
    }

    /// <summary>0 for a document's title and first-level headings, and so on; null for body text.</summary>
    public int? OutlineLevel(WordParagraph paragraph)
    {
        if (paragraph.ParagraphProperties?.OutlineLevel?.Val?.Value is { } own) return own <= LastOutlineLevel ? own : null;
        foreach (Style style in Chain(paragraph))
        {
            if (style.StyleParagraphProperties?.OutlineLevel?.Val?.Value is { } level) return level <= LastOutlineLevel ? level : null;
            string name = style.StyleName?.Val?.Value?.ToLowerInvariant() ?? "";
            if (name.StartsWith("heading ", StringComparison.Ordinal) && int.TryParse(name["heading ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int heading))
                return heading - 1;
            if (name == "title") return 0;
        }
        return null;
    }

    /// <summary>The list that a paragraph belongs to and its level there; null outside of lists.</summary>
    public (int List, int Level)? Numbering(WordParagraph paragraph)
    {
        if (Numbering(paragraph.ParagraphProperties?.NumberingProperties) is { } own) return own;
        foreach (Style style in Chain(paragraph))
            if (Numbering(style.StyleParagraphProperties?.NumberingProperties) is { } found) return found;
        return null;
    }

    private static (int List, int Level)? Numbering(NumberingProperties? properties) =>
        properties?.NumberingId?.Val?.Value is { } list ? (list, properties.NumberingLevelReference?.Val?.Value ?? 0) : null;

    private IEnumerable<Style> Chain(WordParagraph paragraph)
    {
        string? id = paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value;
        for (int i = 0; i < LongestChain && id is not null && _styles.TryGetValue(id, out Style? style); i++)
        {
            yield return style;
            id = style.BasedOn?.Val?.Value;
        }
    }
}
