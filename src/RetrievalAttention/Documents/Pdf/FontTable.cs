using System.Text.RegularExpressions;
using UglyToad.PdfPig.PdfFonts;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>The fonts of one document, and what their names and advance widths say about them.</summary>
internal sealed partial class FontTable
{
    private const int LettersForMonospace = 24;

    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, string?[]> _builtIn = new(StringComparer.Ordinal);

    public int IndexOf(IFont font)
    {
        string name = font.Name?.Data ?? "";
        if (_indices.TryGetValue(name, out int index)) return index;
        Add(name, new Entry(font.Details.IsBold || BoldName().IsMatch(name), _builtIn.GetValueOrDefault(name)));
        return _entries.Count - 1;
    }

    /// <summary>Notes what the codes mean in a font that declares no encoding; the first font of a name counts.</summary>
    public void AddBuiltIn(string fontName, string?[] texts) => _builtIn.TryAdd(fontName, texts);

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

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(_builtIn.Count);
        foreach ((string name, string?[] texts) in _builtIn)
        {
            writer.Write(name);
            Write(writer, texts);
        }
        writer.Write(_entries.Count);
        foreach ((string name, int index) in _indices.OrderBy(pair => pair.Value))
        {
            Entry entry = _entries[index];
            writer.Write(name);
            writer.Write(entry.Bold);
            Write(writer, entry.BuiltIn);
            writer.Write(entry.Letters);
            writer.Write(entry.Narrowest);
            writer.Write(entry.Widest);
        }
    }

    /// <summary>Takes the state that was written instead of its own.</summary>
    public void ReadFrom(BinaryReader reader)
    {
        _builtIn.Clear();
        _indices.Clear();
        _entries.Clear();
        for (int left = reader.ReadInt32(); left > 0; left--) _builtIn.Add(reader.ReadString(), ReadTexts(reader)!);
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            Add(reader.ReadString(), new Entry(reader.ReadBoolean(), ReadTexts(reader))
            {
                Letters = reader.ReadInt32(),
                Narrowest = reader.ReadSingle(),
                Widest = reader.ReadSingle(),
            });
        }
    }

    private void Add(string name, Entry entry)
    {
        _indices.Add(name, _entries.Count);
        _entries.Add(entry);
    }

    private static void Write(BinaryWriter writer, string?[]? texts)
    {
        writer.Write(texts?.Length ?? 0);
        foreach (string? text in texts ?? [])
        {
            writer.Write(text is not null);
            writer.Write(text ?? "");
        }
    }

    private static string?[]? ReadTexts(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count == 0) return null;
        var texts = new string?[count];
        for (int i = 0; i < count; i++)
        {
            bool known = reader.ReadBoolean();
            string text = reader.ReadString();
            texts[i] = known ? text : null;
        }
        return texts;
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
