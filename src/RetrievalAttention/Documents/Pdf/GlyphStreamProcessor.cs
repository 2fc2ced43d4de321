using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Geometry;
using UglyToad.PdfPig.Graphics;
using UglyToad.PdfPig.Graphics.Operations;
using UglyToad.PdfPig.Parser;
using UglyToad.PdfPig.PdfFonts;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Runs a page's content stream and keeps glyphs only; paths, clipping and colours are skipped.</summary>
internal sealed class GlyphStreamProcessor(
    GlyphPage page, IResourceStore resources, IPdfTokenScanner scanner, IPageContentParser parser, ILookupFilterProvider filters,
    CropBox cropBox, UserSpaceUnit unit, PageRotationDegrees rotation, TransformationMatrix initialMatrix, ParsingOptions options)
    : BaseStreamProcessor<GlyphPage>(
        page.Number, resources, scanner, parser, filters, cropBox, unit, rotation, in initialMatrix, options)
{
    /// <summary>Replacement texts of the open marked-content sequences; null where a sequence declares none (ISO 32000-1, 14.9.4).</summary>
    private readonly Stack<string?> _actualTexts = new();

    private string? _actualText;
    private bool _actualTextUsed;
    private bool _spaceBefore;
    private IFont? _lastFont;
    private int _lastFontIndex;

    public override GlyphPage Process(int pageNumberCurrent, IReadOnlyList<IGraphicsStateOperation> operations)
    {
        CloneAllStates();
        ProcessOperations(operations);
        return page;
    }

    protected override void ProcessOperations(IReadOnlyList<IGraphicsStateOperation> operations)
    {
        foreach (IGraphicsStateOperation operation in operations)
        {
            if (page.Truncated) return;
            operation.Run(this);
        }
    }

    public override void RenderGlyph(
        IFont font, CurrentGraphicsState currentState, double fontSize, double pointSize, int code, string unicode, long currentOffset,
        in TransformationMatrix renderingMatrix, in TransformationMatrix textMatrix, in TransformationMatrix transformationMatrix,
        CharacterBoundingBox characterBoundingBox)
    {
        int fontIndex = IndexOf(font);
        string text = TextOf(page.Fonts.BuiltIn(fontIndex, code) ?? unicode);
        TransformationMatrix toPage = renderingMatrix.Multiply(textMatrix).Multiply(transformationMatrix);
        int turn = TurnOf(toPage);
        (float left, float baseline) = Turned(turn, toPage.E, toPage.F);
        (float right, _) = Turned(
            turn, toPage.A * characterBoundingBox.Width + toPage.E, toPage.B * characterBoundingBox.Width + toPage.F);
        var size = (float)Math.Sqrt(toPage.C * toPage.C + toPage.D * toPage.D);
        if (font is IType3Font) size = (float)(size * Math.Max(characterBoundingBox.GlyphBounds.Height, characterBoundingBox.Width));
        if (!float.IsFinite(left + right + baseline + size) || size <= 0) return;

        if (string.IsNullOrWhiteSpace(text))
        {
            _spaceBefore |= text.Length > 0;
            return;
        }
        if (text.Length == 1 && char.IsAsciiLetter(text[0])) page.Fonts.Note(fontIndex, (right - left) / size);
        page.Add(turn, new Glyph(text, left, right, baseline, size, fontIndex, _spaceBefore));
        _spaceBefore = false;
    }

    public override void BeginMarkedContent(NameToken name, NameToken? propertyDictionaryName, DictionaryToken? properties)
    {
        _actualTexts.Push(_actualText);
        if (properties is not null && properties.TryGet(NameToken.ActualText, PdfScanner, out IDataToken<string>? text))
        {
            _actualText = text.Data;
            _actualTextUsed = false;
        }
    }

    public override void EndMarkedContent()
    {
        if (_actualTexts.Count > 0) _actualText = _actualTexts.Pop();
    }

    protected override void RenderXObjectImage(XObjectContentRecord xObjectContentRecord) => page.HasImages = true;

    protected override void RenderInlineImage(InlineImage inlineImage) => page.HasImages = true;

    /// <summary>The replacement text stands for the whole sequence: its first glyph carries it, the others nothing.</summary>
    private string TextOf(string unicode)
    {
        if (_actualText is null) return GlyphText.Repair(unicode);
        if (_actualTextUsed) return "";
        _actualTextUsed = true;
        return GlyphText.Repair(_actualText);
    }

    private int IndexOf(IFont font)
    {
        if (ReferenceEquals(font, _lastFont)) return _lastFontIndex;
        _lastFont = font;
        _lastFontIndex = page.Fonts.IndexOf(font);
        return _lastFontIndex;
    }

    /// <summary>Which way the baseline runs, to the nearest quarter turn.</summary>
    private static int TurnOf(in TransformationMatrix toPage) =>
        Math.Abs(toPage.A) >= Math.Abs(toPage.B) ? (toPage.A >= 0 ? 0 : 2) : (toPage.B >= 0 ? 1 : 3);

    private static (float X, float Y) Turned(int turn, double x, double y) => turn switch
    {
        1 => ((float)y, (float)-x),
        2 => ((float)-x, (float)-y),
        3 => ((float)-y, (float)x),
        _ => ((float)x, (float)y),
    };

    public override void BeginSubpath()
    {
    }

    public override PdfPoint? CloseSubpath() => null;

    public override void StrokePath(bool close)
    {
    }

    public override void FillPath(FillingRule fillingRule, bool close)
    {
    }

    public override void FillStrokePath(FillingRule fillingRule, bool close)
    {
    }

    public override void MoveTo(double x, double y)
    {
    }

    public override void BezierCurveTo(double x2, double y2, double x3, double y3)
    {
    }

    public override void BezierCurveTo(double x1, double y1, double x2, double y2, double x3, double y3)
    {
    }

    public override void LineTo(double x, double y)
    {
    }

    public override void Rectangle(double x, double y, double width, double height)
    {
    }

    public override void EndPath()
    {
    }

    public override void ClosePath()
    {
    }

    public override void ModifyClippingIntersect(FillingRule clippingRule)
    {
    }

    protected override void ClipToRectangle(PdfRectangle rectangle, FillingRule clippingRule)
    {
    }

    public override void PaintShading(NameToken shadingName)
    {
    }
}
