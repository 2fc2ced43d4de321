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
    public void ExternalEntitiesAreRefusedAndNeverLoaded()
    {
        string secret = Folder.Write("secret.txt", "a secret of this machine");
        byte[] hostile = SampleDocx.Make(text =>
            text.Replace("<w:document", $"<!DOCTYPE w [<!ENTITY x SYSTEM \"file://{secret}\">]><w:document").Replace("Before the", "&x; Before the"));
        ProblemException problem = Assert.Throws<ProblemException>(() => Read(Folder.Write("entity.docx", hostile)));
        Assert.Contains("declares a document type or entities", problem.Message);
    }
}
