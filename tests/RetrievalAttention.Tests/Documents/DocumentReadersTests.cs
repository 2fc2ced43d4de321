using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Tests.Documents;

public sealed class DocumentReadersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.txt", "plain words", DocumentFormat.Text)]
    [InlineData("a.md", "plain words", DocumentFormat.Markdown)]
    [InlineData("a.txt", "<!DOCTYPE html><p>words", DocumentFormat.Html)]
    [InlineData("a.txt", "\uFEFF<?xml version=\"1.0\"?>\n<!-- c -->\n<HTML><body>words", DocumentFormat.Html)]
    [InlineData("a.html", "words about <b> in HTML", DocumentFormat.Text)]
    [InlineData("a.html", "\uFEFF\n<div><p>words", DocumentFormat.Html)]
    [InlineData("a.HTM", "<h1>words", DocumentFormat.Html)]
    [InlineData("a.txt", "<div> words about markup", DocumentFormat.Text)]
    [InlineData("a.txt", "junk before %PDF-1.7", DocumentFormat.Pdf)]
    [InlineData("PART.txt", "PART ONE--The Old Buccaneer", DocumentFormat.Text)]
    public void FormatsAreFoundByContent(string name, string content, DocumentFormat format) =>
        Assert.Equal(format, DocumentReaders.Detect(_folder.Write(name, content)));

    [Theory]
    [InlineData("a.epub", true)]
    [InlineData("a.txt", false)]
    public void TextUnderAnotherFormatsNameIsToldSo(string name, bool told)
    {
        Document document = DocumentReaders.All.Read(_folder.Write(name, "These are only words."), new ReadingOptions(), null, CancellationToken.None);
        Assert.Equal(told, document.Warnings.Any(warning => warning.Contains("its name says EPUB", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void AFileThatOpensButCannotBeReadIsAProblemOfThatFile()
    {
        // Nothing is mapped at its beginning, so that the system refuses to read there.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a file that opens and cannot be read; Linux has /proc/self/mem.");
        ProblemException problem = Assert.Throws<ProblemException>(() => ContentHash.OfFile("/proc/self/mem", CancellationToken.None));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        Assert.Contains("cannot be read", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALongCommentBeforeAPageDoesNotHideIt() => Assert.Equal(
        DocumentFormat.Html, DocumentReaders.Detect(_folder.Write("a.xhtml", $"<!-- {new string('x', 5000)} --><html><body>words</body></html>")));

    [Fact]
    public void OtherArchivesAndMediaSayWhatTheyAre()
    {
        (byte[] Bytes, string Named)[] files =
        [
            (SampleEpub.Zip([("notes.txt", "words")]), "neither an EPUB nor a DOCX"),
            ([.. "PK\x3\x4"u8, 1, 2, 3], "damaged zip archive"),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], "save it as .docx"),
            ([.. @"{\rtf1\ansi words}"u8], "Rich Text"),
            ([0x1F, 0x8B, 8, 0], "gzip"),
        ];
        foreach ((byte[] bytes, string named) in files)
            Assert.Contains(named, Assert.Throws<ProblemException>(() => DocumentReaders.Detect(_folder.Write("file", bytes))).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void ANameThatNoFileCanHaveIsAProblem(string path)
    {
        Assert.Equal(ProblemKind.Document, Assert.Throws<ProblemException>(() => DocumentReaders.Detect(path)).Kind);
        Assert.Contains("Name a file", Assert.Throws<ProblemException>(() => SourceFile.Examine(path)).Message);
    }

    [Fact]
    public void AFileThatChangesWhileItIsReadIsRefused()
    {
        string path = _folder.Write("live.txt", "first words");
        Assert.Contains("changed while it was read", Problem(path, () => File.WriteAllText(path, "second words, and more of them")));
    }

    [Fact]
    public void AChangeThatKeepsSizeAndTimeIsFoundByTheHash()
    {
        string path = _folder.Write("live.txt", "first words");
        DateTime written = File.GetLastWriteTimeUtc(path);
        Assert.Contains("changed while it was read", Problem(path, () =>
        {
            File.WriteAllText(path, "other words");
            File.SetLastWriteTimeUtc(path, written);
        }));
    }

    [Fact]
    public void AFileThatVanishesWhileItIsReadIsRefused()
    {
        string path = _folder.Write("live.txt", "first words");
        Assert.Contains("vanished while it was read", Problem(path, () => File.Delete(path)));
    }

    private static string Problem(string path, Action meanwhile)
    {
        DocumentReaders readers = new([new InterruptedReader(meanwhile)]);
        ProblemException problem = Assert.Throws<ProblemException>(() => readers.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        return problem.Message;
    }

    /// <summary>Reads a text, and then something happens to the file before the reader is done.</summary>
    private sealed class InterruptedReader(Action meanwhile) : IDocumentReader
    {
        public DocumentFormat Format => DocumentFormat.Text;

        public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
        {
            Document document = new PlainTextReader().Read(path, options, progress, cancellation);
            meanwhile();
            return document;
        }
    }
}
