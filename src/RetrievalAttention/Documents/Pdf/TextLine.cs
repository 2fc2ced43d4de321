namespace RetrievalAttention.Documents.Pdf;

/// <summary>A printed line of one column.</summary>
internal sealed class TextLine
{
    /// <summary>1-based page number.</summary>
    public required int Page { get; init; }

    /// <summary>The text in logical order, words joined by single spaces.</summary>
    public required string Text { get; init; }

    /// <summary>Words from left to right as printed.</summary>
    public required IReadOnlyList<Word> Words { get; init; }

    /// <summary>Points above the page's lower edge (in reading direction).</summary>
    public required float Baseline { get; init; }

    /// <summary>Font size of most of its glyphs.</summary>
    public required float Size { get; init; }

    /// <summary>All letters are bold.</summary>
    public bool Bold { get; init; }

    /// <summary>Nearly all letters are of a font whose letters are equally wide.</summary>
    public bool Monospaced { get; init; }

    /// <summary>The first glyph is set smaller and higher than its line: a footnote's mark.</summary>
    public bool StartsWithSuperscript { get; init; }

    public float Left => Words[0].Left;

    public float Right => Words[^1].Right;

    public float FirstWordWidth => Words[0].Right - Words[0].Left;

    /// <summary>What the line is part of; found after all lines of the document are known.</summary>
    public ParagraphKind Kind { get; set; }

    /// <summary>The heading path that starts with this line; null for most lines.</summary>
    public IReadOnlyList<string>? StartsSection { get; set; }

    /// <summary>The cells of a table's row, from left to right; null outside of tables.</summary>
    public IReadOnlyList<string>? Cells { get; set; }

    public readonly record struct Word(string Text, float Left, float Right);
}
