using System.Text;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Documents;

public sealed class PlainTextReaderTests : IDisposable
{
    private const string Story = "CHAPTER I\n\nÆsop naïvely paid 5 € for the “garden” — twice.\n\nCHAPTER II\n\nThe end of it.\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    [InlineData("utf-32", false)]
    [InlineData("utf-32BE", true)]
    [InlineData("utf-32BE", false)]
    public void UnicodeIsReadWithAndWithoutMark(string encodingName, bool mark)
    {
        Encoding encoding = Encoding.GetEncoding(encodingName);
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(Story)];
        Document document = Read(_folder.Write("story.txt", bytes));
        Assert.Equal(Story, document.Text);
        Assert.Equal(0, document.SourceOffset);
        Assert.Equal(2, document.Sections.Count);
    }

    [Theory]
    [InlineData(1252, "Das Mädchen hörte die Glöckchen läuten und überlegte, ob der König früher käme. Größe hieß Güte, sagte sie fröhlich.")]
    [InlineData(1251, "Однажды весною, в час небывало жаркого заката, в Москве, на Патриарших прудах, появились два гражданина.")]
    [InlineData(932, "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。")]
    public void LegacyCodePagesAreFoundAndToldOf(int codePage, string text)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        Document document = Read(_folder.Write("old.txt", Encoding.GetEncoding(codePage).GetBytes(text)));
        Assert.Equal(text, document.Text);
        Assert.Contains("not valid UTF-8", Assert.Single(document.Warnings));
    }

    [Fact]
    public void DamagedUtf8KeepsItsGoodLettersAndSaysSo()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("Zürich, Köln, Málaga, Besançon\nund Tromsø sind Städte.");
        bytes[1] = 0xFF;
        Document document = Read(_folder.Write("damaged.txt", bytes));
        Assert.Contains("Köln, Málaga, Besançon", document.Text);
        Assert.Contains("damaged characters, the first in line 1", Assert.Single(document.Warnings));
    }

    [Fact]
    public void GutenbergFrameIsLeftOutAndTheRestIsAnExactSlice()
    {
        const string File = "The Project Gutenberg EBook of A Tale\r\n\r\nTitle: A Tale\r\n       of Two Lines\r\n\r\nAuthor: Ann Author\r\n\r\nLanguage: English\r\n\r\n"
            + "*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***\r\n\r\nProduced by Volunteers\r\n\r\n\r\nCHAPTER I\r\n\r\nIt began.\r\n\r\n\r\nCHAPTER II\r\n\r\nIt ended.\r\n\r\n"
            + "*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***\r\n\r\nLicence.\r\n";
        Document document = Read(_folder.Write("tale.txt", File));
        Assert.Equal(("A Tale of Two Lines", "Ann Author", "en"), (document.Title, document.Author, document.Language));
        Assert.StartsWith("CHAPTER I\r\n", document.Text);
        Assert.DoesNotContain("Licence", document.Text);
        Assert.Equal(document.Text, File.Substring(document.SourceOffset!.Value, document.Text.Length));
        Locator locator = new DocumentText(document).Locate(document.Text.IndexOf("It ended", StringComparison.Ordinal), document.Text.Length);
        Assert.Equal("CHAPTER II", locator.Section);
        Assert.Equal("It ended.", File.Split("\r\n")[locator.Line!.Value - 1]);
        Assert.StartsWith("It ended", File[locator.Start..]);
    }

    [Fact]
    public void BooksOfGutenbergPutTogetherInOneFileAreAllRead()
    {
        static string Book(string name) => $"Title: {name}\n\n*** START OF THE PROJECT GUTENBERG EBOOK {name} ***\n\nCHAPTER I\n\nIt began in {name}.\n\n*** END OF THE PROJECT GUTENBERG EBOOK {name} ***\n\nLicence of {name}.\n";
        Document document = Read(_folder.Write("both.txt", Book("Rome") + Book("Paris")));
        Assert.Equal("Rome", document.Title);
        Assert.Contains("It began in Rome.", document.Text);
        Assert.Contains("It began in Paris.", document.Text);
        Assert.DoesNotContain("Licence of Paris", document.Text);
    }

    [Fact]
    public void EmptyBlankBinaryAndMissingFilesSayWhatTheyAre()
    {
        Assert.Contains("is empty", Problem(_folder.Write("empty.txt", "")));
        Assert.Contains("only blanks", Problem(_folder.Write("blank.txt", " \n\n ")));
        Assert.Contains("PNG image", Problem(_folder.Write("image.txt", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0])));
        byte[] noise = new byte[5000];
        new Random(1).NextBytes(noise);
        Assert.Contains("binary data", Problem(_folder.Write("noise.txt", noise)));
        Assert.Contains("There is no file", Problem(Path.Combine(_folder.Path, "missing.txt")));
        Assert.Contains("is a folder", Problem(_folder.Path));
    }

    private string Problem(string path)
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => Read(path));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        Assert.Contains(path, problem.Message);
        return problem.Message;
    }

    private static Document Read(string path) => DocumentReaders.All.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken);
}
