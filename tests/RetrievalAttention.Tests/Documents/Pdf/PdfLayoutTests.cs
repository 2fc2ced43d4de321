using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Tests.Documents.Pdf;

public sealed class PdfLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RunningHeadsAndPageNumbersGoAndRepeatedExamplesStay()
    {
        string[] words = ["alpha", "beta", "gamma", "delta"];
        Document document = Read(SamplePdf.Make(4, (number, page) =>
        {
            page.At(SamplePdf.Left, 800, "A Book of Gardens");
            page.Lines(SamplePdf.Left, SamplePdf.Top, $"Example {number * number + 3}", $"The {words[number - 1]} garden has a wall around it.");
            page.At(290, 40, $"{number + 10}");
        }));
        Assert.DoesNotContain("Book of Gardens", document.Text);
        Assert.DoesNotContain("13", document.Text.Replace("Example 13", ""));
        for (int number = 1; number <= 4; number++) Assert.Contains($"Example {number * number + 3}", document.Text);
        Assert.All(words, word => Assert.Contains($"The {word} garden", document.Text));
    }

    [Fact]
    public void ColumnsAreReadOneAfterTheOther()
    {
        string[] left = [.. Enumerable.Range(1, 12).Select(i => $"left column holds its line number {i:00} here and")];
        string[] right = [.. Enumerable.Range(1, 12).Select(i => $"right column has another line, say {i:00}, and it")];
        Document document = Read(SamplePdf.Make(1, (_, page) =>
        {
            page.At(150, 770, "One title stands over both of the columns and crosses the gutter between them");
            page.Lines(SamplePdf.Left, SamplePdf.Top, left);
            page.Lines(310, SamplePdf.Top, right);
        }));
        string[] order = ["One title", "number 01", "number 12", "say 01", "say 12"];
        Assert.Equal(order.Order(Comparer<string>.Create((a, b) => At(a).CompareTo(At(b)))), order);

        int At(string text)
        {
            int at = document.Text.IndexOf(text, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{text}' is missing");
            return at;
        }
    }

    [Fact]
    public void RowsOfATableStayRows()
    {
        Document document = Read(SamplePdf.Make(1, (_, page) =>
        {
            string[][] rows = [["Plant", "Height", "Colour"], ["rose", "90 cm", "red and white"], ["tall lily", "120 cm", "yellow"], ["moss", "2 cm", "green"]];
            for (int i = 0; i < rows.Length; i++)
            {
                for (int j = 0; j < 3; j++) page.At(SamplePdf.Left + 120 * j, SamplePdf.Top - 14 * i, rows[i][j]);
            }
        }));
        Assert.Equal("Plant | Height | Colour\nrose | 90 cm | red and white\ntall lily | 120 cm | yellow\nmoss | 2 cm | green", document.Text);
        Assert.Equal(ParagraphKind.Table, Assert.Single(document.Paragraphs).Kind);
    }

    [Fact]
    public void DividedWordsAreJoinedAndCompoundsKeepTheirHyphen()
    {
        Document document = Read(SamplePdf.Make(1, (_, page) => page.Lines(
            SamplePdf.Left, SamplePdf.Top,
            "A garden is a well-known place where people of all kinds meet to grow vege-",
            "tables, and the best of them are those that are tended by the most well-",
            "known gardeners of the country, who came here from everywhere to see it.")));
        Assert.Contains("grow vegetables, and", document.Text);
        Assert.Contains("most well-known gardeners", document.Text);
    }

    [Fact]
    public void SentencesGoOnAcrossPagesAndFootnotesStandApart()
    {
        Document document = Read(SamplePdf.Make(2, (number, page) =>
        {
            if (number == 1)
            {
                page.Lines(SamplePdf.Left, 140, "The first page ends in the middle of a sentence that is long enough for a line and", "goes on and on, although nobody knows where it will end, over the end of the");
                page.At(SamplePdf.Left, 80, "1 Here is a note in small print.", 7);
            }
            else
            {
                page.Lines(SamplePdf.Left, SamplePdf.Top, "page and to the next one, where it stops.");
            }
        }));
        Assert.Contains("over the end of the page and to the next one", document.Text);
        Paragraph note = Assert.Single(document.Paragraphs, paragraph => paragraph.Kind == ParagraphKind.Footnote);
        Assert.Equal("1 Here is a note in small print.", document.Text[note.Start..note.End]);
        Assert.True(note.End <= document.Pages[0].End, "the note left its page");
        Assert.StartsWith("page and to", document.Text[document.Pages[1].Start..]);
    }

    [Fact]
    public void AMillionLettersOnOnePageAreCutOffWithAWarning()
    {
        string line = new('x', 1000);
        Document document = Read(SamplePdf.Make(1, (_, page) =>
        {
            for (int i = 0; i < 1000; i++) page.At(0, 0.8 * i, line, 0.5);
        }));
        Assert.Contains("150000 glyphs", Assert.Single(document.Warnings));
        Assert.InRange(document.Text.Count(letter => letter == 'x'), 1000, 150_000);
    }

    private Document Read(byte[] pdf) =>
        new PdfReader().Read(_folder.Write("sample.pdf", pdf), new ReadingOptions(), null, TestContext.Current.CancellationToken);
}
