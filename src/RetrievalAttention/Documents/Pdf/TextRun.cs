namespace RetrievalAttention.Documents.Pdf;

/// <summary>Glyphs that the file prints one after another on one baseline without a wide gap.</summary>
internal sealed class TextRun(int order)
{
    private readonly List<Glyph> _glyphs = [];

    /// <summary>Rank in the order of printing on its page.</summary>
    public int Order { get; } = order;

    public IReadOnlyList<Glyph> Glyphs => _glyphs;

    public float Left { get; private set; } = float.MaxValue;

    public float Right { get; private set; } = float.MinValue;

    /// <summary>Baseline of the largest glyphs.</summary>
    public float Baseline { get; private set; }

    /// <summary>Largest font size.</summary>
    public float Size { get; private set; }

    public float Middle => (Left + Right) / 2;

    public Glyph Last => _glyphs[^1];

    public void Add(in Glyph glyph)
    {
        _glyphs.Add(glyph);
        Grow(glyph);
    }

    public void ReplaceLast(in Glyph glyph)
    {
        _glyphs[^1] = glyph;
        Grow(glyph);
    }

    private void Grow(in Glyph glyph)
    {
        Left = Math.Min(Left, glyph.Left);
        Right = Math.Max(Right, glyph.Right);
        if (glyph.Size <= Size) return;
        Size = glyph.Size;
        Baseline = glyph.Baseline;
    }
}
