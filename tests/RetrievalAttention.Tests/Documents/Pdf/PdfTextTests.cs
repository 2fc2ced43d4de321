using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Tests.Documents.Pdf;

public class PdfTextTests
{
    [Theory]
    [InlineData("\uFB03", "ffi")]
    [InlineData("\uFEE1", "\u0645")]
    [InlineData("\u00A0", " ")]
    [InlineData("\uF0B7", "")]
    [InlineData("a", "a")]
    public void GlyphsBecomeTheLettersTheyShow(string glyph, string text) => Assert.Equal(text, GlyphText.Repair(glyph));

    [Fact]
    public void HebrewIsReadFromTheRightAndItsNumbersAreNot()
    {
        // Printed from left to right: 12 םולש ; spoken: shalom 12.
        List<Glyph> glyphs = [.. "12םולש".Select((letter, i) => new Glyph(letter.ToString(), 10 * i + (i > 1 ? 8 : 0), 10 * i + 9 + (i > 1 ? 8 : 0), 0, 10, 0, false))];
        Assert.Equal("שלום 12", LogicalOrder.Read(glyphs, [(0, 2), (2, 6)]));
    }

    [Fact]
    public void AccentsPrintedOverLettersJoinThem()
    {
        Glyph accent = new("\u00A8", 0, 5, 0, 10, 0, false), letter = new("o", 0, 5, 0, 10, 0, false);
        TextRun run = Assert.Single(RunBuilder.Build([accent, letter]));
        Assert.Equal("ö", Assert.Single(run.Glyphs).Text);
    }

    [Fact]
    public void TextPrintedTwiceIsReadOnce()
    {
        Glyph[] word = [new("a", 0, 5, 0, 10, 0, false), new("b", 5, 10, 0, 10, 0, false)];
        Glyph[] shifted = [.. word.Select(glyph => glyph with { Left = glyph.Left + 0.3f, Right = glyph.Right + 0.3f })];
        Assert.Equal(2, Assert.Single(RunBuilder.Build([.. word, .. shifted])).Glyphs.Count);
    }

    [Fact]
    public void WideFieldsOfCrossReferencesAreRefusedAndFontWidthsAreNot()
    {
        CrossReferenceGuard.Check("1 0 obj<</Type/XRef/W[1 4 2]/Size 3>>stream\n"u8, "good.pdf");
        CrossReferenceGuard.Check("1 0 obj<</Type/Font/W [1 [500 1000]]>>endobj 2 0 obj<</Type/XRef/W[1 2 0]>>stream\n"u8, "good.pdf");
        Assert.Throws<ProblemException>(() => CrossReferenceGuard.Check("1 0 obj<</Type/XRef/W[1 2 999999999]>>stream\n"u8, "bad.pdf"));
    }

    [Fact]
    public void RecognisedWordsBecomeLinesOfTheirBlocks()
    {
        const string table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
            + "5\t1\t1\t1\t1\t1\t300\t300\t100\t40\t96\tHello\n5\t1\t1\t1\t1\t2\t420\t300\t100\t40\t96\tworld\n"
            + "5\t1\t1\t1\t2\t1\t300\t360\t100\t40\t96\tagain\n4\t1\t2\t1\t1\t0\t0\t0\t0\t0\t-1\t\n5\t1\t2\t1\t1\t1\t900\t300\t100\t40\t90\tright\n";
        List<List<TextLine>> regions = TesseractOcr.Lines(table, 3, 792);
        Assert.Equal([["Hello world", "again"], ["right"]], regions.Select(region => region.Select(line => line.Text)));
        Assert.Equal(72f, regions[0][0].Left, 0.01f);
        Assert.Equal(3, regions[1][0].Page);
    }
}
