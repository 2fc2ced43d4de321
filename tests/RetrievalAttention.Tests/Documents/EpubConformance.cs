using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Epub;

namespace RetrievalAttention.Tests.Documents;

public sealed class EpubConformance : DocumentReaderConformance
{
    protected override IDocumentReader Reader { get; } = new EpubReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(Fixture("childrens-literature.epub"),
            ["FAIRY STORIES—MODERN FANTASTIC TALES", "BIBLIOGRAPHY", "INTRODUCTORY", "1. The Rabbi and The Diadem", "191", "THE EMPEROR'S NEW CLOTHES", "196"], ["THE CONTENTS"], 22),
        new(Fixture("regime-anticancer-arabic.epub"), ["الفصل الثاني", "من أين تأتي الحياة؟", "أهمّية جيناتنا"], [], 9),
        new(Folder.Write("two-lights.epub", SampleEpub.VersionTwo()),
            ["Part One", "An opening.", "The Lamp", "It burnt[1] all night.", "With whale oil.", "The Candle", "It went out."], ["root:"], 3),
    ];

    [Fact]
    public void AnEpubOfVersionTwoHasItsMetadataSectionsPagesAndNotes()
    {
        Document document = Read(Folder.Write("two-lights.epub", SampleEpub.VersionTwo()));
        Assert.Equal(("Two Lights", "Ann Author, Bob Binder", "en"), (document.Title, document.Author, document.Language));
        Assert.Equal(["Part One", "Part One › The Lamp", "The Candle"], document.Sections.Select(section => string.Join(" › ", section.HeadingPath)));
        Assert.Equal(["iv", "5"], document.Pages.Select(page => page.Label));
        Assert.Equal("With whale oil.", Assert.Single(document.Paragraphs.Where(paragraph => paragraph.Kind == ParagraphKind.Footnote).Select(paragraph => document.Text[paragraph.Start..paragraph.End])));
        Assert.Contains("gone.xhtml", Assert.Single(document.Warnings));
        Locator locator = new DocumentText(document).Locate(document.Text.IndexOf("It went out", StringComparison.Ordinal), document.Text.Length);
        Assert.Equal(("The Candle", "5", 2), (locator.Section, locator.PageLabel, locator.PageNumber));
    }

    [Fact]
    public void PrintedPagesStandWhereTheBookBreaksThem()
    {
        Document document = Read(Fixture("childrens-literature.epub"));
        Assert.Equal(92, document.Pages.Count);
        Assert.Equal("169", document.Pages[0].Label);
    }

    [Fact]
    public void ATableOfPicturesAfterAPageBreakCostsNothing()
    {
        Document document = Read(Folder.Write("pictures.epub", WithPage("p.xhtml", "OPS/p.xhtml", Markup(
            "<p>Before.</p><span epub:type=\"pagebreak\" title=\"5\"/><table><caption/><tr><td><img/></td><td><img/></td></tr></table><p>After.</p>"))));
        Assert.Equal("Before.\n\nAfter.", document.Text);
        Assert.Equal(("5", document.Text.IndexOf("After", StringComparison.Ordinal)), Assert.Single(document.Pages.Select(page => (page.Label, page.Start))));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData(@"..\evil.txt")]
    [InlineData("C:/evil.txt")]
    public void PartsThatPointOutsideAreRefused(string name)
    {
        byte[] book = SampleEpub.Zip([("META-INF/container.xml", SampleEpub.Container), (name, "x")]);
        Assert.Contains("points outside of the archive", Problem(book));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public void ReferencesThatPointOutsideAreRefused(string reference) => Assert.Contains("points outside of the archive", Problem(WithPage(reference, "x.xhtml", [])));

    [Fact]
    public void AZipBombIsRefusedByItsRatioAndByItsSum()
    {
        Assert.Contains("as a zip bomb does", Problem(WithPage("p.xhtml", "OPS/p.xhtml", new byte[8 << 20])));
        byte[] large = new byte[1 << 20];
        new Random(3).NextBytes(large);
        string path = Folder.Write("sum.epub", WithPage("p.xhtml", "OPS/p.xhtml", large));
        ProblemException problem = Assert.Throws<ProblemException>(() => Reader.Read(path, new ReadingOptions { MaxUnpackedBytes = 1 << 19 }, null, CancellationToken.None));
        Assert.Contains("as a zip bomb does", problem.Message);
    }

    [Fact]
    public void ProtectedBooksSaySo()
    {
        const string Encryption = "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'>"
            + "<EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/><CipherData><CipherReference URI='OPS/p.xhtml'/></CipherData></EncryptedData></encryption>";
        byte[] book = SampleEpub.Zip([("META-INF/container.xml", SampleEpub.Container), ("META-INF/encryption.xml", Encryption), ("OPS/book.opf", Package("p.xhtml")), ("OPS/p.xhtml", "?")]);
        Assert.Contains("DRM", Problem(book));
    }

    [Fact]
    public void APageBreakAtTheEndOfAFileBeginsThePageOfTheNext()
    {
        string package = Package("p.xhtml").Replace("</manifest>", "<item id=\"q\" href=\"q.xhtml\" media-type=\"application/xhtml+xml\"/></manifest>").Replace("</spine>", "<itemref idref=\"q\"/></spine>");
        Document document = Read(Folder.Write("two.epub", SampleEpub.Zip(
        [
            ("META-INF/container.xml", System.Text.Encoding.UTF8.GetBytes(SampleEpub.Container)), ("OPS/book.opf", System.Text.Encoding.UTF8.GetBytes(package)),
            ("OPS/p.xhtml", Markup("<span epub:type=\"pagebreak\" title=\"1\"/><p>One.</p><span epub:type=\"pagebreak\" title=\"2\"/>")),
            ("OPS/q.xhtml", Markup("<p>Two.</p><span epub:type=\"pagebreak\" title=\"3\"/>")),
        ])));
        Assert.Equal([("1", 0), ("2", document.Text.IndexOf("Two", StringComparison.Ordinal)), ("3", document.Text.Length)], document.Pages.Select(page => (page.Label, page.Start)));
    }

    private string Problem(byte[] book)
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => Read(Folder.Write("hostile.epub", book)));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        return problem.Message;
    }

    private static byte[] Markup(string body) => System.Text.Encoding.UTF8.GetBytes($"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{body}</body></html>");

    private static byte[] WithPage(string reference, string name, byte[] page) => SampleEpub.Zip(
    [
        ("META-INF/container.xml", System.Text.Encoding.UTF8.GetBytes(SampleEpub.Container)),
        ("OPS/book.opf", System.Text.Encoding.UTF8.GetBytes(Package(reference))),
        (name, page),
    ]);

    private static string Package(string page) => $"""
        <package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest><item id="p" href="{page}" media-type="application/xhtml+xml"/></manifest>
        <spine><itemref idref="p"/></spine></package>
        """;
}
