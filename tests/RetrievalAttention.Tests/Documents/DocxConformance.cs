using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Docx;

namespace RetrievalAttention.Tests.Documents;

public sealed class DocxConformance : DocumentReaderConformance
{
    protected override IDocumentReader Reader { get; } = new DocxReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(Folder.Write("gardens.docx", SampleDocx.Make()),
            ["Before the first heading.", "Soil", "Clay always holds water[2].", "[2] Up to a point.", "Tools", "1. a spade", "1.a) of steel", "2. a fork", "- a bucket",
             "Kind | Drains\nclay | slowly", "1 May is Labour Day.", "Roses are red,\nviolets are blue."],
            ["never", "hidden words", "secretfield"], 3),
    ];

    [Fact]
    public void PropertiesHeadingsAndKindsAreRead()
    {
        Document document = Read(Folder.Write("gardens.docx", SampleDocx.Make()));
        Assert.Equal(("On Gardens", "Ann Author", "en"), (document.Title, document.Author, document.Language));
        Assert.Equal(["", "Soil", "Soil › Tools"], document.Sections.Select(section => string.Join(" › ", section.HeadingPath)));
        Assert.Equal(1, document.Paragraphs.Count(paragraph => paragraph.Kind == ParagraphKind.Footnote));
        Assert.Equal(1, document.Paragraphs.Count(paragraph => paragraph.Kind == ParagraphKind.Table));
    }

    [Fact]
    public void RowsAndCellsInsideContentControlsAreRead()
    {
        static string Cell(string text) => $"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>";
        static string Control(string content) => $"<w:sdt><w:sdtContent>{content}</w:sdtContent></w:sdt>";
        Document document = ReadWith("<w:tbl>" + Control($"<w:tr>{Cell("sand")}{Control(Cell("fast"))}</w:tr>") + "</w:tbl>");
        Assert.Contains("sand | fast", document.Text);
    }

    [Theory]
    [InlineData("<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>c</m:t></m:r></m:den></m:f>", "(a+b)/c")]
    [InlineData("<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "x^2")]
    [InlineData("<m:r><m:t>f</m:t></m:r><m:d><m:e><m:r><m:t>x</m:t></m:r></m:e></m:d>", "f(x)")]
    [InlineData("<m:rad><m:radPr><m:degHide m:val=\"1\"/></m:radPr><m:deg/><m:e><m:r><m:t>n</m:t></m:r></m:e></m:rad>", "√n")]
    [InlineData("<m:nary><m:naryPr><m:chr m:val=\"∑\"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub><m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>", "∑_(i=1)^n i")]
    public void EquationsAreReadOnOneLine(string equation, string text) => Assert.Contains($"See {text}.", ReadWith(
        "<w:p><w:r><w:t xml:space=\"preserve\">See </w:t></w:r><m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">"
        + equation + "</m:oMath><w:r><w:t>.</w:t></w:r></w:p>").Text);

    [Fact]
    public void SymbolsAreReadWhereTheirFontIsKnown()
    {
        Document document = ReadWith("<w:p><w:r><w:t xml:space=\"preserve\">An angle </w:t><w:sym w:font=\"Symbol\" w:char=\"F061\"/><w:sym w:font=\"Arial\" w:char=\"2264\"/><w:sym w:font=\"Wingdings\" w:char=\"F0E0\"/><w:t>b.</w:t></w:r></w:p>");
        Assert.Contains("An angle α≤b.", document.Text);
        Assert.Contains("'Wingdings'", Assert.Single(document.Warnings));
    }

    /// <summary>The sample with further content at its end.</summary>
    private Document ReadWith(string content) => Read(Folder.Write("more.docx", SampleDocx.Make(text => text.Replace("</w:body>", content + "</w:body>"))));

    [Fact]
    public void ExternalEntitiesAreRefusedAndNeverLoaded()
    {
        string secret = Folder.Write("secret.txt", "a secret of this machine");
        byte[] hostile = SampleDocx.Make(text =>
            text.Replace("<w:document", $"<!DOCTYPE w [<!ENTITY x SYSTEM \"file://{secret}\">]><w:document").Replace("Before the", "&x; Before the"));
        ProblemException problem = Assert.Throws<ProblemException>(() => Read(Folder.Write("entity.docx", hostile)));
        Assert.Contains("declares a document type or entities", problem.Message);
    }
}
