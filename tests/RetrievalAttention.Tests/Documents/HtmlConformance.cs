using System.Text;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Html;

namespace RetrievalAttention.Tests.Documents;

public sealed class HtmlConformance : DocumentReaderConformance
{
    private const string Page = """
        <!-- a comment --><!DOCTYPE html>
        <html lang="en-GB"><head><meta charset="utf-8"><title>The  Pond</title><meta name="author" content="Ann Author">
        <style>.secret, #gone { display: none } @media print { .ink { display:none } }</style><script>document.write("scripted")</script></head>
        <body><header><a href="/">Home of the site</a></header><nav><ul><li>Menu entry</li></ul></nav>
        <main><h1>The Pond</h1><p>Ducks <b>swim</b>&nbsp;here,<br>and they swim on and on along the shore until the evening comes over the whole of the pond.</p>
        <p hidden>hidden by attribute</p><p style="display: none;">hidden by style</p><p class="secret">hidden by class</p><p class="ink">shown on screens</p>
        <h2>Who lives there</h2><ul><li>ducks</li><li>frogs<ol><li>green</li><li>brown</li></ol></li></ul>
        <table><caption>Counts</caption><tr><th>Animal</th><th>Number</th></tr><tr><td>duck</td><td>7</td></tr></table>
        <table><tr><td>A table that only lays out the page.</td></tr></table>
        <p>Roses are red,<br/>Violets are blue.</p><pre>code {
            stays;

        }</pre>
        <h3>Detail</h3>Loose words. <template>templated</template></main><footer>Imprint of the site</footer></body></html>
        """;

    protected override IDocumentReader Reader { get; } = new HtmlReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(Fixture("alice-cut.html"), ["CHAPTER I. Down the Rabbit-Hole", "Alice was beginning to get very tired", "CHAPTER II. The Pool of Tears"], ["not text", "margin"], 2),
        new(Folder.Write("pond.html", Page),
            ["The Pond\n", "Ducks swim\u00A0here, and they swim", "shown on screens", "Who lives there", "- ducks", "- frogs", "1. green", "2. brown", "Counts\nAnimal | Number\nduck | 7",
             "A table that only lays out the page.", "Roses are red,\nViolets are blue.", "code {\n    stays;\n}", "Detail", "Loose words."],
            ["scripted", "hidden by", "Menu entry", "Home of", "Imprint", "templated", "comment"], 3),
    ];

    [Fact]
    public void MetadataAndHeadingsAreRead()
    {
        Document document = Read(Folder.Write("pond.html", Page));
        Assert.Equal(("The Pond", "Ann Author", "en"), (document.Title, document.Author, document.Language));
        Assert.Equal(["The Pond", "The Pond › Who lives there", "The Pond › Who lives there › Detail"], document.Sections.Select(section => string.Join(" › ", section.HeadingPath)));
    }

    [Fact]
    public void ADeclaredLegacyEncodingIsFollowedUnlessTheBytesAreUtf8()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        const string Greek = "<html><head><meta charset=windows-1253></head><body><p>Καλημέρα κόσμε</p></body></html>";
        Assert.Equal("Καλημέρα κόσμε", Read(Folder.Write("declared.html", Encoding.GetEncoding(1253).GetBytes(Greek))).Text);
        Assert.Equal("Καλημέρα κόσμε", Read(Folder.Write("wrong.html", Greek)).Text);
    }

    [Fact]
    public void APageNestedVeryDeepIsRead()
    {
        string deep = "<html><body>" + string.Concat(Enumerable.Repeat("<div>", 5_000)) + "the bottom";
        Assert.Contains("the bottom", Read(Folder.Write("deep.html", deep)).Text);
    }

    [Fact]
    public void APageLargerThanTheLimitIsRefusedWithBothSizes()
    {
        string path = Folder.Write("large.html", "<html><body><p>" + new string('x', 5000) + "</p></body></html>");
        ProblemException problem = Assert.Throws<ProblemException>(() => Reader.Read(path, new ReadingOptions { MaxTextBytes = 4000 }, null, CancellationToken.None));
        Assert.Contains("5,033", problem.Message);
        Assert.Contains("4,000", problem.Message);
    }
}
