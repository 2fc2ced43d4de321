using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Documents;

/// <summary>A file to read, and what a reader must make of it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="InOrder">Stretches of the reading text that come once each, in this order.</param>
/// <param name="Absent">Stretches that must not come.</param>
/// <param name="Sections">Number of sections, the opening one included.</param>
public sealed record Specimen(string Path, string[] InOrder, string[] Absent, int Sections);

/// <summary>What every reader owes, whatever its format. One subclass per reader.</summary>
public abstract class DocumentReaderConformance : IDisposable
{
    private const int Damages = 12;

    protected TemporaryFolder Folder { get; } = new();

    protected abstract IDocumentReader Reader { get; }

    /// <summary>At least one small, real or generated, file of the format.</summary>
    protected abstract IReadOnlyList<Specimen> Specimens { get; }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void SectionsCoverTheTextWithoutGapsOrOverlaps() => ForEach((specimen, document) =>
    {
        Assert.Equal(specimen.Sections, document.Sections.Count);
        Assert.Equal(0, document.Sections[0].Start);
        Assert.Equal(document.Text.Length, document.Sections[^1].End);
        for (int i = 1; i < document.Sections.Count; i++) Assert.Equal(document.Sections[i - 1].End, document.Sections[i].Start);
        Assert.All(document.Sections, section => Assert.True(section.End > section.Start));
        return document.Sections.Count;
    });

    [Fact]
    public void ParagraphsAreInOrderAndInsideOneSection() => ForEach((_, document) =>
    {
        int at = 0;
        foreach (Paragraph paragraph in document.Paragraphs)
        {
            Assert.True(paragraph.Start >= at && paragraph.End > paragraph.Start && paragraph.End <= document.Text.Length);
            at = paragraph.End;
            Section section = document.Sections.Last(section => section.Start <= paragraph.Start);
            Assert.True(paragraph.End <= section.End, $"a paragraph at {paragraph.Start} crosses the end of '{section.Title}'");
        }
        return document.Paragraphs.Count;
    });

    [Fact]
    public void EveryVisibleCharacterStandsInAParagraph() => ForEach((_, document) =>
    {
        bool[] covered = new bool[document.Text.Length];
        foreach (Paragraph paragraph in document.Paragraphs) covered.AsSpan(paragraph.Start, paragraph.End - paragraph.Start).Fill(true);
        int lost = Enumerable.Range(0, covered.Length).FirstOrDefault(i => !covered[i] && !char.IsWhiteSpace(document.Text[i]), -1);
        Assert.True(lost < 0, lost < 0 ? "" : $"lost: '{document.Text[lost..Math.Min(lost + 40, document.Text.Length)]}'");
        return document.Text.Length;
    });

    [Fact]
    public void NothingIsLostAndNothingComesTwice() => ForEach((specimen, document) =>
    {
        string text = new DocumentText(document).ReadingText(0, document.Text.Length);
        int at = 0;
        foreach (string stretch in specimen.InOrder)
        {
            int found = text.IndexOf(stretch, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{stretch}' is missing after character {at}");
            Assert.Equal(found, text.LastIndexOf(stretch, StringComparison.Ordinal));
            at = found + stretch.Length;
        }
        Assert.All(specimen.Absent, stretch => Assert.DoesNotContain(stretch, text));
        return specimen.InOrder.Length;
    });

    [Fact]
    public void LocatorsLeadBackToTheFile() => ForEach((specimen, document) =>
    {
        DocumentText text = new(document);
        string? decoded = document.SourceOffset is null ? null : File.ReadAllText(specimen.Path);
        foreach (Paragraph paragraph in document.Paragraphs)
        {
            Locator locator = text.Locate(paragraph.Start, paragraph.End);
            Assert.InRange(locator.Position, 0, 1);
            Assert.Equal(document.Pages.Count > 0 && document.Pages[0].Start <= paragraph.Start, locator.PageLabel is not null);
            Assert.Equal(decoded is null, locator.Line is null);
            if (decoded is null) continue;
            Assert.Equal(document.Text[paragraph.Start..paragraph.End], decoded[locator.Start..locator.End]);
            Assert.Equal(1 + decoded.AsSpan(0, locator.Start).Count('\n'), locator.Line);
        }
        return document.Paragraphs.Count;
    });

    [Fact]
    public void PagesAreInOrderAndInsideTheText() => ForEach((_, document) =>
    {
        for (int i = 0; i < document.Pages.Count; i++)
        {
            Assert.Equal(i + 1, document.Pages[i].Number);
            Assert.InRange(document.Pages[i].Start, i == 0 ? 0 : document.Pages[i - 1].End, document.Pages[i].End);
            Assert.InRange(document.Pages[i].End, 0, document.Text.Length);
        }
        return 1;
    });

    [Fact]
    public void ReadingAgainGivesTheSame() => ForEach((specimen, document) =>
    {
        Document again = Read(specimen.Path);
        Assert.Equal(document.Text, again.Text);
        Assert.Equal(document.Paragraphs, again.Paragraphs);
        Assert.Equal(document.Sections.Select(section => (section.Title, section.Start)), again.Sections.Select(section => (section.Title, section.Start)));
        Assert.Equal(ContentHash.OfFile(specimen.Path, CancellationToken.None), again.ContentHash);
        Assert.Equal(Reader.Format, again.Format);
        Assert.All(again.Warnings, warning => Assert.EndsWith(".", warning));
        return 1;
    });

    [Fact]
    public void TheDispatcherFindsTheFormatByContent() => ForEach((specimen, _) =>
    {
        bool byExtension = Reader.Format == DocumentFormat.Markdown;
        string renamed = Path.Combine(Folder.Path, "unnamed" + (byExtension ? ".md" : ".bin"));
        File.Copy(specimen.Path, renamed, overwrite: true);
        Assert.Equal(Reader.Format, DocumentReaders.Detect(renamed));
        return 1;
    });

    [Fact]
    public void CancellationIsNotABadDocument()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        int examined = 0;
        foreach (Specimen specimen in Specimens)
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Reader.Read(specimen.Path, new ReadingOptions(), null, cancelled.Token));
            examined++;
        }
        Assert.True(examined > 0, "no specimen was examined");
    }

    [Fact]
    public void EmptyAndMissingFilesAreProblems()
    {
        Assert.Equal(ProblemKind.Document, Assert.Throws<ProblemException>(() => Read(Folder.Write("empty", ""))).Kind);
        Assert.Equal(ProblemKind.Document, Assert.Throws<ProblemException>(() => Read(Path.Combine(Folder.Path, "missing"))).Kind);
    }

    [Fact]
    public void DamagedFilesAreReadOrAreProblems()
    {
        Random random = new(7);
        int examined = 0;
        foreach (Specimen specimen in Specimens)
        {
            byte[] bytes = File.ReadAllBytes(specimen.Path);
            for (int i = 0; i < Damages; i++)
            {
                byte[] damaged = i % 2 == 0 ? bytes[..random.Next(1, bytes.Length)] : Flipped(bytes, random);
                examined++;
                try
                {
                    Document document = Read(Folder.Write("damaged", damaged));
                    Assert.NotEmpty(document.Text);
                }
                catch (ProblemException problem)
                {
                    Assert.Equal(ProblemKind.Document, problem.Kind);
                    Assert.EndsWith(".", problem.Message);
                }
            }
        }
        Assert.True(examined >= Damages, "no damage was examined");
    }

    private static byte[] Flipped(byte[] bytes, Random random)
    {
        byte[] flipped = [.. bytes];
        for (int i = 0; i < 20; i++) flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    protected Document Read(string path) => Reader.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken);

    protected static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "Documents", name);

    /// <summary>Reads every specimen and counts what was examined, so that an empty set fails.</summary>
    private void ForEach(Func<Specimen, Document, int> examine)
    {
        int examined = 0;
        foreach (Specimen specimen in Specimens) examined += examine(specimen, Read(specimen.Path));
        Assert.True(examined >= Specimens.Count && Specimens.Count > 0, "nothing was examined");
    }
}
