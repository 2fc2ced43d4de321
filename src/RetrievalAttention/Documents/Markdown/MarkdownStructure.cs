using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Documents.Markdown;

/// <summary>Headings and paragraphs of a Markdown text, as ranges of it.</summary>
internal sealed record MarkdownStructure
{
    public required IReadOnlyList<(int Start, int Rank, string Title)> Headings { get; init; }

    public required IReadOnlyList<Paragraph> Paragraphs { get; init; }

    /// <summary>The first heading, if it is of the first level and the only one of it.</summary>
    public string? OwnTitle => Headings.Count > 0 && Headings[0].Rank == 1 && Headings.Count(heading => heading.Rank == 1) == 1 ? Headings[0].Title : null;

    /// <param name="offset">Where <paramref name="text"/> starts in what was parsed.</param>
    public static MarkdownStructure Of(MarkdownDocument parsed, string text, int offset)
    {
        List<(int Start, int Rank, string Title)> headings = [];
        List<Paragraph> found = [];
        foreach (Block block in Leaves(parsed))
        {
            int start = block.Span.Start - offset, end = Math.Min(block.Span.End + 1 - offset, text.Length);
            if (start < 0 || end <= start) continue;
            if (block is HeadingBlock heading && Title(heading) is { Length: > 0 } title && Parents(heading) == 0) headings.Add((start, heading.Level, title));
            found.Add(new Paragraph(start, end, Kind(block)));
        }
        return new MarkdownStructure { Headings = headings, Paragraphs = WithGapsFilled(found, text) };
    }

    /// <summary>A Markdown file without a heading is prose that happens to be called .md.</summary>
    public static MarkdownStructure OfPlainText(string text, List<TextLine> lines)
    {
        List<Heading> headings = HeadingFinder.Find(text, lines);
        return new MarkdownStructure
        {
            Headings = [.. headings.Select(heading => (lines[heading.FirstLine].Start, heading.Rank, heading.Title))],
            Paragraphs = ParagraphFinder.Find(text, lines, headings),
        };
    }

    /// <summary>Blocks that hold text, in order, a table as one; without recursion, as quotes may nest deep.</summary>
    private static IEnumerable<Block> Leaves(MarkdownDocument parsed)
    {
        Stack<Block> open = new(parsed.Reverse());
        while (open.TryPop(out Block? block))
        {
            if (block is ContainerBlock container and not (Table or LinkReferenceDefinitionGroup))
                foreach (Block child in container.Reverse()) open.Push(child);
            else if (block is not (BlankLineBlock or YamlFrontMatterBlock or LinkReferenceDefinitionGroup))
                yield return block;
        }
    }

    private static ParagraphKind Kind(Block block) => block switch
    {
        HeadingBlock => ParagraphKind.Heading,
        Table => ParagraphKind.Table,
        CodeBlock => ParagraphKind.Code,
        ParagraphBlock { Parent: Markdig.Extensions.Footnotes.Footnote } => ParagraphKind.Footnote,
        ParagraphBlock { Inline: { } inline } when inline.Descendants<LineBreakInline>().Any(line => line.IsHard) => ParagraphKind.Verse,
        _ => ParagraphKind.Body,
    };

    /// <summary>
    /// Puts every visible character into one paragraph: list marks, quote marks and fences join the block that follows them on their line;
    /// lines that the parser keeps for itself (link definitions, rules) become paragraphs of their own.
    /// </summary>
    private static List<Paragraph> WithGapsFilled(List<Paragraph> found, string text)
    {
        found.Sort((a, b) => a.Start.CompareTo(b.Start));
        List<Paragraph> filled = [];
        int at = 0;
        foreach (Paragraph paragraph in found)
        {
            if (paragraph.Start < at) continue;
            int lineStart = paragraph.Start > 0 ? text.LastIndexOf('\n', paragraph.Start - 1) + 1 : 0;
            int joined = Math.Max(at, lineStart);
            AddGap(filled, text, at, joined);
            while (joined < paragraph.Start && char.IsWhiteSpace(text[joined])) joined++;
            int end = paragraph.End;
            while (end > joined && char.IsWhiteSpace(text[end - 1])) end--;
            if (end > joined) filled.Add(new Paragraph(joined, end, paragraph.Kind));
            at = Math.Max(at, end);
        }
        AddGap(filled, text, at, text.Length);
        return filled;
    }

    private static void AddGap(List<Paragraph> filled, string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        if (end > start) filled.Add(new Paragraph(start, end, ParagraphKind.Body));
    }

    private static string Title(HeadingBlock heading)
    {
        IEnumerable<string> parts = heading.Inline?.Descendants().Select(inline => inline switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            LineBreakInline => " ",
            _ => "",
        }) ?? [];
        string title = string.Join(' ', string.Concat(parts).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return title.StartsWith("Title: ", StringComparison.Ordinal) ? title["Title: ".Length..] : title;
    }

    private static int Parents(Block block)
    {
        int parents = 0;
        for (ContainerBlock? parent = block.Parent; parent is not null and not MarkdownDocument; parent = parent.Parent) parents++;
        return parents;
    }
}
