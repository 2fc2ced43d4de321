using UglyToad.PdfPig;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>PdfPig makes page factories by itself and hands its options on to them: the way by which the fonts of earlier pages come to later ones.</summary>
internal sealed class GlyphParsing : ParsingOptions
{
    public FontTable Fonts { get; } = new();
}
