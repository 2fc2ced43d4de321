using System.Text.RegularExpressions;
using UglyToad.PdfPig.PdfFonts;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>The fonts of one document, and what their names and advance widths say about them.</summary>
internal sealed partial class FontTable
{
    private const int LettersForMonospace = 24;

    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];

    public int IndexOf(IFont font, BuiltInEncodings encodings)
    {
        string name = font.Name?.Data ?? "";
        if (_indices.TryGetValue(name, out int index)) return index;
        index = _entries.Count;
        _indices.Add(name, index);
        _entries.Add(new Entry(font.Details.IsBold || BoldName().IsMatch(name), encodings.Of(name)));
        return index;
    }

    /// <summary>What a code means by the font's own encoding; null where the file says it otherwise.</summary>
    public string? BuiltIn(int font, int code) => _entries[font].BuiltIn is { } texts && code is >= 0 and < 256 ? texts[code] : null;

    /// <summary>Notes a letter's advance as a share of the font size.</summary>
    public void Note(int font, float advance)
    {
        Entry entry = _entries[font];
        entry.Letters++;
        entry.Narrowest = Math.Min(entry.Narrowest, advance);
        entry.Widest = Math.Max(entry.Widest, advance);
    }

    public bool IsBold(int font) => _entries[font].Bold;

    /// <summary>All letters seen so far are equally wide.</summary>
    public bool IsMonospaced(int font)
    {
        Entry entry = _entries[font];
        return entry.Letters >= LettersForMonospace && entry.Widest - entry.Narrowest < 0.01f;
    }

    /// <summary>Names of bold fonts; "Medi" is Nimbus and URW, "BX" is Computer Modern.</summary>
    [GeneratedRegex("bold|black|heavy|demi|medi$|mediital|(cm|sf|ec)(b|s?sb)x", RegexOptions.IgnoreCase)]
    private static partial Regex BoldName();

    private sealed class Entry(bool bold, string?[]? builtIn)
    {
        public readonly bool Bold = bold;
        public readonly string?[]? BuiltIn = builtIn;
        public int Letters;
        public float Narrowest = float.MaxValue;
        public float Widest = float.MinValue;
    }
}
