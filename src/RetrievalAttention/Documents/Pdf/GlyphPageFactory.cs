using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Geometry;
using UglyToad.PdfPig.Graphics.Operations;
using UglyToad.PdfPig.Outline.Destinations;
using UglyToad.PdfPig.Parser;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Makes <see cref="GlyphPage"/>s: PdfPig's own pages also build letters, paths and images, which nobody here looks at.</summary>
/// <remarks>PdfPig finds the constructor by reflection: it must be public and take these five parameters.</remarks>
internal sealed class GlyphPageFactory(
    IPdfTokenScanner scanner, IResourceStore resources, ILookupFilterProvider filters, IPageContentParser parser,
    ParsingOptions options)
    : BasePageFactory<GlyphPage>(scanner, resources, filters, parser, options)
{
    private readonly FontTable _fonts = ((GlyphParsing)options).Fonts;
    private readonly BuiltInEncodings _encodings = new(scanner, filters, ((GlyphParsing)options).Fonts);

    protected override GlyphPage ProcessPage(
        int pageNumber, DictionaryToken dictionary, NamedDestinations namedDestinations, MediaBox mediaBox, CropBox cropBox,
        UserSpaceUnit userSpaceUnit, PageRotationDegrees rotation, TransformationMatrix initialMatrix,
        IReadOnlyList<IGraphicsStateOperation> operations)
    {
        _encodings.AddPage(dictionary);
        var page = new GlyphPage
        {
            Number = pageNumber,
            Height = (float)cropBox.Bounds.Height,
            Fonts = _fonts,
        };
        var processor = new GlyphStreamProcessor(
            page, ResourceStore, PdfScanner, PageContentParser, FilterProvider, cropBox, userSpaceUnit, rotation, initialMatrix,
            ParsingOptions);
        return processor.Process(pageNumber, operations);
    }
}
