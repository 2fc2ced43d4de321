namespace RetrievalAttention.Documents.Pdf;

/// <summary>What one page prints: glyphs in the order of the content stream, apart for each of the four reading directions.</summary>
internal sealed class GlyphPage
{
    /// <summary>A page of a dense newspaper holds about 20,000 glyphs; more than this is an attack or a drawing made of letters.</summary>
    public const int MaximumGlyphs = 150_000;

    private readonly List<Glyph>?[] _byTurn = new List<Glyph>?[4];

    public required int Number { get; init; }

    /// <summary>Points.</summary>
    public required float Height { get; init; }

    /// <summary>Shared by all pages of the document.</summary>
    public required FontTable Fonts { get; init; }

    public int Count { get; private set; }

    /// <summary>Glyphs after the first <see cref="MaximumGlyphs"/> were left out.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The page shows at least one picture; with no glyphs it is probably a scan.</summary>
    public bool HasImages { get; set; }

    /// <summary>Why the page cannot be read; null when it can.</summary>
    public string? Damage { get; init; }

    /// <summary>Glyphs whose lines run to the right (0), up (1), to the left (2) or down (3), in coordinates turned to run right.</summary>
    public IReadOnlyList<Glyph> Turned(int turn) => _byTurn[turn] ?? (IReadOnlyList<Glyph>)[];

    public void Add(int turn, in Glyph glyph)
    {
        if (Count == MaximumGlyphs)
        {
            Truncated = true;
            return;
        }
        Count++;
        (_byTurn[turn] ??= []).Add(glyph);
    }

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Number);
        writer.Write(Height);
        writer.Write(Damage ?? "");
        writer.Write(Truncated);
        writer.Write(HasImages);
        for (int turn = 0; turn < _byTurn.Length; turn++)
        {
            writer.Write(Turned(turn).Count);
            foreach (Glyph glyph in Turned(turn)) glyph.WriteTo(writer);
        }
    }

    public static GlyphPage ReadFrom(BinaryReader reader, FontTable fonts)
    {
        GlyphPage page = new()
        {
            Number = reader.ReadInt32(),
            Height = reader.ReadSingle(),
            Damage = reader.ReadString() is { Length: > 0 } damage ? damage : null,
            Truncated = reader.ReadBoolean(),
            HasImages = reader.ReadBoolean(),
            Fonts = fonts,
        };
        for (int turn = 0; turn < page._byTurn.Length; turn++)
            for (int left = reader.ReadInt32(); left > 0; left--) page.Add(turn, Glyph.ReadFrom(reader));
        return page;
    }
}
