using System.Text.Json;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Documents.Pdf;

public class PdfReaderTests
{
    [Theory]
    [InlineData("R-intro", 0.99, 0.03)]
    [InlineData("latex-multicolumn", 0.99, 0.12)]
    [InlineData("wikipedia-pdfjs", 0.99, 0.16)]
    public void WordsComeBackInOrder(string name, double leastF1, double mostOrderError)
    {
        Document document = PdfFixture.Read(name + ".pdf");
        WordComparison.Result result = WordComparison.Compare(document.Text, PdfFixture.Reference(name + ".txt"));
        Assert.True(result.F1 >= leastF1, $"word F1 {result.F1:0.0000}");
        Assert.True(result.OrderError <= mostOrderError, $"order error {result.OrderError:0.0000}");
    }

    [Fact]
    public void RangesCoverTheTextAndNeverOverlap()
    {
        Document document = PdfFixture.Read("R-intro.pdf");
        Assert.Equal(113, document.Pages.Count);
        AssertContiguous(document.Pages.Select(page => (page.Start, page.End)), document.Text.Length);
        AssertContiguous(document.Sections.Select(section => (section.Start, section.End)), document.Text.Length);

        Assert.True(document.Paragraphs.Count > 1000, $"{document.Paragraphs.Count} paragraphs");
        int end = 0;
        foreach (Paragraph paragraph in document.Paragraphs)
        {
            Assert.True(paragraph.Start >= end && paragraph.End > paragraph.Start, $"paragraph {paragraph} after {end}");
            Assert.True(document.Text[end..paragraph.Start].All(char.IsWhiteSpace), "text between paragraphs");
            Assert.Contains(document.Sections, section => section.Start <= paragraph.Start && paragraph.End <= section.End);
            end = paragraph.End;
        }
    }

    [Fact]
    public void BookmarksBecomeHeadingPathsAndPagesKeepTheirLabels()
    {
        Document document = PdfFixture.Read("R-intro.pdf");
        Section section = Assert.Single(document.Sections, section => section.Title.Contains("Vector arithmetic", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2, section.HeadingPath.Count);
        Assert.StartsWith("2.2 Vector arithmetic", document.Text[section.Start..], StringComparison.Ordinal);
        PageSpan page = document.Pages.Single(page => page.Start <= section.Start && section.Start < page.End);
        Assert.Equal((15, "9"), (page.Number, page.Label));
    }

    [Theory]
    [InlineData("bad-helloworld.pdf", "Hello, world!")]
    [InlineData("bad-xref-command-missing.pdf", "Reduced test-case")]
    public void DamagedFilesAreReadWhereTheyCanBe(string name, string text) => Assert.Equal(text, PdfFixture.Read(name).Text);

    [Fact]
    public void ABookmarkWithoutATitleCostsTheBookmarksOnly()
    {
        Document document = ReadBytes(SamplePdf.ByHand("/Outlines 6 0 R", objects: ["<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>", "<< /Parent 6 0 R /Dest [3 0 R /Fit] >>"]));
        Assert.Equal("Hello, world!", document.Text);
        Assert.Contains("bookmarks cannot be read", Assert.Single(document.Warnings));
    }

    [Fact]
    public void DamagedPageLabelsCostTheLabelsOnly()
    {
        Document document = ReadBytes(SamplePdf.ByHand("/PageLabels << /Nums 6 0 R >>", objects: "[0]\nstream\nx\nendstream"));
        Assert.Equal("Hello, world!", document.Text);
        Assert.Equal("1", Assert.Single(document.Pages).Label);
        Assert.Contains("page labels cannot be read", Assert.Single(document.Warnings));
    }

    [Fact]
    public void ADamagedFontProgramCostsNothingThatCanBeReadWithoutIt()
    {
        const string Descriptor = "<< /Type /FontDescriptor /FontName /Odd /Flags 32 /FontFile3 7 0 R >>", Program = "<< /Subtype /Type1C /Length 4 >>\nstream\nxxxx\nendstream";
        Document document = ReadBytes(SamplePdf.ByHand(font: "/Subtype /Type1 /BaseFont /Odd /FirstChar 32 /LastChar 33 /Widths [500 500] /FontDescriptor 6 0 R", objects: [Descriptor, Program]));
        Assert.Equal("Hello, world!", document.Text);
        Assert.Empty(document.Warnings);
    }

    [Theory]
    [InlineData("/Lang (eng)", "en")]
    [InlineData("/Lang (de-AT)", "de")]
    [InlineData("/Lang (und)", null)]
    [InlineData("", null)]
    public void TheLanguageIsTheDeclaredOne(string catalog, string? language) => Assert.Equal(language, ReadBytes(SamplePdf.ByHand(catalog)).Language);

    [Fact]
    public void WithoutADeclaredLanguageTheWordsTell() => Assert.Equal("en", ReadBytes(SamplePdf.Make(1, (_, page) => page.Lines(
        SamplePdf.Left, SamplePdf.Top, "It was the best of times, it was the worst of times, it was the age of wisdom,", "it was the age of foolishness, and nobody knew what it was for."))).Language);

    [Theory]
    [InlineData("Smile &#xD83D; more", "Smile \uFFFD more")]
    [InlineData("Smile &#xD83D;&#xDE00; more", "Smile \U0001F600 more")]
    [InlineData("Caf#_#x00E9;", "Caf\u00E9")]
    public void CharacterReferencesInATitleAreRead(string declared, string title) =>
        Assert.Equal(title, ReadBytes(SamplePdf.ByHand(trailer: "/Info 6 0 R", objects: $"<< /Title ({declared}) >>")).Title);

    [Theory]
    [InlineData("bad-header-only.pdf", "damaged")]
    [InlineData("bad-redhat-1531897.pdf", "cross-reference stream")]
    [InlineData("bad-poppler-395-fuzzed.pdf", "no text")]
    [InlineData("scan-linn-two-column.pdf", "--ocr")]
    public void UnreadableFilesSayWhy(string name, string reason)
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => PdfFixture.Read(name));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        Assert.Contains(name, problem.Message);
        Assert.Contains(reason, problem.Message);
    }

    [Fact]
    public void AFileThatIsTooLargeIsToBeSplit()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("large.pdf", "%PDF-1.7");
        using (FileStream file = File.OpenWrite(path)) file.SetLength((1L << 30) + 1);
        string message = Assert.Throws<ProblemException>(() => new PdfReader().Read(path, new ReadingOptions(), null, CancellationToken.None)).Message;
        Assert.EndsWith("read up to 1,073,741,824. Split it.", message);
    }

    [Fact]
    public void EncryptedFilesNeedTheirPassword()
    {
        Assert.Contains("--password", Assert.Throws<ProblemException>(() => PdfFixture.Read("encrypted-openpassword.pdf")).Message);
        Document document = PdfFixture.Read("encrypted-openpassword.pdf", new ReadingOptions { Password = "openpassword" });
        Assert.True(WordComparison.Compare(document.Text, PdfFixture.Reference("encrypted-openpassword.txt")).F1 > 0.99);
        Assert.Contains("wrong", Assert.Throws<ProblemException>(
            () => PdfFixture.Read("encrypted-openpassword.pdf", new ReadingOptions { Password = "no" })).Message);
    }

    [Fact]
    public void CancellationIsNotABadDocument() => Assert.Throws<OperationCanceledException>(
        () => new PdfReader().Read(PdfFixture.PathOf("R-intro.pdf"), new ReadingOptions(), null, new CancellationToken(true)));

    [Fact]
    public void ProgressCountsPages()
    {
        var reports = new List<WorkProgress>();
        new PdfReader().Read(PdfFixture.PathOf("latex-multicolumn.pdf"), new ReadingOptions(), new Recorder(reports), TestContext.Current.CancellationToken);
        Assert.Equal([1L, 2, 3], reports.Select(report => report.Done).Distinct());
        Assert.All(reports, report => Assert.Equal((3, "pages"), (report.Total, report.Unit)));
        Assert.True(reports.Count(report => report.Task.StartsWith("Arranging", StringComparison.Ordinal)) >= 3, "nothing is told while the pages are put in order");
    }

    [Fact]
    public void ReadingGoesOnAfterAKillWhereAtMostSixteenPagesAreReadAgain()
    {
        const string Book = "R-intro.pdf";
        using TemporaryFolder folder = new();
        ReadingOptions options = new() { UnfinishedFolder = folder.Path };
        Assert.Equal(1, FirstPageRead(killedAt: 40));
        Assert.Equal(33, FirstPageRead(killedAt: 70));
        string last = Directory.GetFiles(folder.Path, "*.pages-48").Single();
        File.WriteAllBytes(last, File.ReadAllBytes(last)[..^1]);
        Assert.Equal(49, FirstPageRead(killedAt: 70));

        Document resumed = PdfFixture.Read(Book, options), undisturbed = PdfFixture.Read(Book);
        Assert.Equal(JsonSerializer.Serialize(undisturbed), JsonSerializer.Serialize(resumed));

        long FirstPageRead(int killedAt)
        {
            var reports = new List<WorkProgress>();
            Assert.Throws<KillException>(() => new PdfReader().Read(PdfFixture.PathOf(Book), options, new Recorder(reports, killedAt), TestContext.Current.CancellationToken));
            Assert.All(reports, report => Assert.Equal(reports[0].Done - 1, report.AlreadyDone));
            return reports[0].Done;
        }
    }

    private static Document ReadBytes(byte[] pdf)
    {
        using TemporaryFolder folder = new();
        return new PdfReader().Read(folder.Write("sample.pdf", pdf), new ReadingOptions(), null, TestContext.Current.CancellationToken);
    }

    private static void AssertContiguous(IEnumerable<(int Start, int End)> ranges, int length)
    {
        int end = 0;
        int count = 0;
        foreach ((int start, int rangeEnd) in ranges)
        {
            Assert.Equal(end, start);
            end = rangeEnd;
            count++;
        }
        Assert.True(count > 0, "no ranges");
        Assert.Equal(length, end);
    }

    private sealed class KillException : Exception;

    private sealed class Recorder(List<WorkProgress> reports, long killedAt = long.MaxValue) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            reports.Add(value);
            if (value.Done == killedAt) throw new KillException();
        }
    }
}
