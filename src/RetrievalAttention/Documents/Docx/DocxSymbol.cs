using System.Globalization;
using DocumentFormat.OpenXml.Wordprocessing;
using UglyToad.PdfPig.Fonts;
using UglyToad.PdfPig.Fonts.Encodings;

namespace RetrievalAttention.Documents.Docx;

/// <summary>A character that is given by its code in a font of its own (Insert › Symbol).</summary>
internal static class DocxSymbol
{
    /// <summary>Codes of such fonts are kept here, so that they meet no letter.</summary>
    private const int PrivateUse = 0xF000;

    /// <summary>What it shows; null in a font whose codes are not known.</summary>
    public static string? Text(SymbolChar symbol)
    {
        if (!int.TryParse(symbol.Char?.Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int code) || code is < 0x20 or > 0xFFFF || char.IsSurrogate((char)code)) return null;
        bool isPrivate = code is >= PrivateUse and < PrivateUse + 256;
        if (symbol.Font?.Value is "Symbol") return GlyphList.AdobeGlyphList.NameToUnicode(SymbolEncoding.Instance.GetName(isPrivate ? code - PrivateUse : code));
        return isPrivate ? null : ((char)code).ToString();
    }
}
