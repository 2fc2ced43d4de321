using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Fonts;
using UglyToad.PdfPig.Fonts.CompactFontFormat;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// What codes mean in Type 1 fonts that declare neither an encoding nor a Unicode map: the font program says it itself. TeX's mathematics
/// is printed in such fonts; PdfPig 0.1.16 ignores compact (CFF) programs there and reads "∈" as "2".
/// </summary>
internal sealed class BuiltInEncodings(IPdfTokenScanner scanner, ILookupFilterProvider filters, FontTable fonts)
{
    /// <summary>Forms inside forms that are looked through for fonts.</summary>
    private const int DeepestForm = 4;

    /// <summary>Names of TeX's mathematical glyphs that Adobe's list lacks. The slash is printed before the sign that it negates.</summary>
    private static readonly Dictionary<string, string> TexNames = new(StringComparer.Ordinal)
    {
        ["negationslash"] = "\u0338",
        ["prime"] = "\u2032",
        ["owner"] = "\u220B",
        ["similarequal"] = "\u2243",
        ["lessmuch"] = "\u226A",
        ["greatermuch"] = "\u226B",
        ["follows"] = "\u227B",
        ["precedes"] = "\u227A",
        ["openbullet"] = "\u2218",
        ["tildewide"] = "\u02DC",
        ["tildewider"] = "\u02DC",
        ["tildewidest"] = "\u02DC",
        ["hatwide"] = "\u02C6",
        ["hatwider"] = "\u02C6",
        ["hatwidest"] = "\u02C6",
    };

    private readonly HashSet<IToken> _seen = [];

    /// <summary>Looks through a page's fonts, its forms' included.</summary>
    public void AddPage(DictionaryToken page)
    {
        DictionaryToken? holder = page;
        for (int i = 0; i < 32 && holder is not null; i++)
        {
            if (Resolve<DictionaryToken>(holder, "Resources") is { } resources) AddResources(resources, 0);
            holder = Resolve<DictionaryToken>(holder, "Parent");
        }
    }

    private void AddResources(DictionaryToken resources, int depth)
    {
        foreach (IToken token in Entries(resources, "Font"))
        {
            if (_seen.Add(token) && Resolve<DictionaryToken>(token) is { } font) AddFont(font);
        }
        if (depth == DeepestForm) return;
        foreach (IToken token in Entries(resources, "XObject"))
        {
            if (_seen.Add(token) && Resolve<StreamToken>(token) is { } form && Resolve<DictionaryToken>(form.StreamDictionary, "Resources") is { } inner)
            {
                AddResources(inner, depth + 1);
            }
        }
    }

    private IEnumerable<IToken> Entries(DictionaryToken resources, string kind) => Resolve<DictionaryToken>(resources, kind)?.Data.Values ?? [];

    private void AddFont(DictionaryToken font)
    {
        if (Resolve<NameToken>(font, "Subtype")?.Data is not "Type1" || font.Data.ContainsKey("Encoding") || font.Data.ContainsKey("ToUnicode")) return;
        if (Resolve<NameToken>(font, "BaseFont")?.Data is not { } name || Resolve<DictionaryToken>(font, "FontDescriptor") is not { } descriptor) return;
        if (Resolve<StreamToken>(descriptor, "FontFile3") is not { } program) return;
        if (Parse(program)?.Encoding is not { } encoding) return;
        var texts = new string?[256];
        foreach ((int code, string glyph) in encoding.CodeToNameMap)
        {
            // A glyph whose name is in no list (a piece of a large bracket) stands for nothing that can be written.
            if (code is >= 0 and < 256) texts[code] = GlyphText.Repair(TextOf(glyph));
        }
        fonts.AddBuiltIn(name, texts);
    }

    /// <summary>Null for a damaged program: PdfPig reads the text as if there were none.</summary>
    private CompactFontFormatFont? Parse(StreamToken program)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = UglyToad.PdfPig.PdfExtensions.Decode(program, filters, scanner);
            return CompactFontFormatParser.Parse(new CompactFontFormatData(bytes)).FirstFont;
        }
        catch (Exception failure) when (PdfFile.IsDamage(failure))
        {
            return null;
        }
    }

    private static string TextOf(string glyph) =>
        TexNames.TryGetValue(glyph, out string? text) ? text : GlyphList.AdobeGlyphList.NameToUnicode(glyph) ?? "";

    private T? Resolve<T>(DictionaryToken dictionary, string key) where T : class, IToken =>
        dictionary.Data.TryGetValue(key, out IToken? token) ? Resolve<T>(token) : null;

    private T? Resolve<T>(IToken token) where T : class, IToken =>
        (token is IndirectReferenceToken reference ? scanner.Get(reference.Data)?.Data : token) as T;
}
