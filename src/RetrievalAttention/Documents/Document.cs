namespace RetrievalAttention.Documents;

/// <summary>What a file is, found from its content, never from its extension alone.</summary>
public enum DocumentFormat
{
    Text,
    Markdown,
    Html,
    Pdf,
    Epub,
    Docx,
}

/// <summary>
/// One ingested file: its text with structure. Every offset in a document counts UTF-16 code units of <see cref="Text"/>, and every
/// range is half-open. Immutable.
/// </summary>
public sealed record Document
{
    /// <summary>Absolute path of the file.</summary>
    public required string Path { get; init; }

    public required DocumentFormat Format { get; init; }

    /// <summary>From the file's own metadata or first heading; the file name without extension when there is neither.</summary>
    public required string Title { get; init; }

    public string? Author { get; init; }

    /// <summary>BCP 47 code ("en", "de"); null when unknown.</summary>
    public string? Language { get; init; }

    /// <summary>SHA-256 of the file's bytes, lower-case hexadecimal: the document's identity.</summary>
    public required string ContentHash { get; init; }

    /// <summary>
    /// The text that the model reads. For <see cref="DocumentFormat.Text"/> and <see cref="DocumentFormat.Markdown"/> it is an unchanged
    /// slice of the decoded file (line breaks kept), which starts at <see cref="SourceOffset"/>; for other formats it is extracted text,
    /// where paragraphs are single lines separated by an empty line.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>Where <see cref="Text"/> starts in the decoded file, for formats whose text is a slice of it; null for extracted text.</summary>
    public int? SourceOffset { get; init; }

    /// <summary>1-based line of the decoded file in which <see cref="Text"/> starts; null for extracted text.</summary>
    public int? SourceLine { get; init; }

    /// <summary>Sections in document order; together they cover the text without gaps or overlaps. At least one, unless the text is empty.</summary>
    public required IReadOnlyList<Section> Sections { get; init; }

    /// <summary>Paragraphs in document order, never overlapping, never across sections.</summary>
    public required IReadOnlyList<Paragraph> Paragraphs { get; init; }

    /// <summary>Printed pages in order, for formats that have them.</summary>
    public IReadOnlyList<PageSpan> Pages { get; init; } = [];

    /// <summary>What a person should know about how the file was read, as complete sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A chapter or heading path of a document.</summary>
/// <param name="HeadingPath">Headings from the outermost to the section's own; empty for text before the first heading.</param>
/// <param name="Start">First character of the section, its heading included.</param>
/// <param name="End">One past its last character.</param>
public sealed record Section(IReadOnlyList<string> HeadingPath, int Start, int End)
{
    /// <summary>The section's own heading; empty for text before the first one.</summary>
    public string Title => HeadingPath.Count == 0 ? "" : HeadingPath[^1];
}

public enum ParagraphKind
{
    Body,
    Heading,

    /// <summary>Lines that must stay lines: verse, addresses, tables of contents.</summary>
    Verse,

    /// <summary>Rows as lines, cells separated by " | ".</summary>
    Table,
    Code,
    Footnote,
}

/// <summary>A paragraph's range in the document's text.</summary>
public readonly record struct Paragraph(int Start, int End, ParagraphKind Kind);

/// <summary>A printed page's range in the document's text.</summary>
/// <param name="Number">1-based, counted from the first page of the file.</param>
/// <param name="Label">As printed or declared ("iv", "12"); equals the number where the file declares none.</param>
public sealed record PageSpan(int Number, string Label, int Start, int End);
