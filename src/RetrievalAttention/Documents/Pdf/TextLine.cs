namespace RetrievalAttention.Documents.Pdf;

/// <summary>A printed line of one column, in logical order.</summary>
internal sealed class TextLine
{
    /// <summary>1-based page number.</summary>
    public required int Page { get; init; }

    /// <summary>Cells from left to right; one for running text, several where wide gaps stand in the line.</summary>
    public required IReadOnlyList<Cell> Cells { get; init; }

    public required float Left { get; init; }

    public required float Right { get; init; }

    /// <summary>Points above the page's lower edge (in reading direction).</summary>
    public required float Baseline { get; init; }

    /// <summary>Font size of most of its glyphs.</summary>
    public required float Size { get; init; }

    /// <summary>All letters are bold.</summary>
    public required bool Bold { get; init; }

    /// <summary>Nearly all letters are of a font whose letters are equally wide.</summary>
    public required bool Monospaced { get; init; }

    /// <summary>The first glyph is set smaller and higher than its line: a footnote's mark.</summary>
    public required bool StartsWithSuperscript { get; init; }

    /// <summary>Width of the first word, points.</summary>
    public required float FirstWordWidth { get; init; }

    /// <summary>Cells joined by single spaces.</summary>
    public required string Text { get; init; }

    /// <summary>What the line is part of; found after all lines of the document are known.</summary>
    public ParagraphKind Kind { get; set; }

    /// <summary>The heading path that starts with this line; null for most lines.</summary>
    public IReadOnlyList<string>? StartsSection { get; set; }

    public readonly record struct Cell(string Text, float Left, float Right);
}
