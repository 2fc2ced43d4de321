using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Tests.Documents;

public sealed class ParagraphTests
{
    private const string Prose =
        "It was a bright cold day in the small town by the sea, and the clocks of\nthe church were striking one after the other, as they had always done, a\nlittle late and never quite together, which nobody minded in the least.\n";

    [Fact]
    public void WrappedLinesAreOneParagraphAndVerseKeepsItsLines()
    {
        const string Verse = "   He walked along the strand\n   And saw the water rise,\n   The pebbles in his hand,\n   The salt wind in his eyes.\n";
        Assert.Equal([ParagraphKind.Body, ParagraphKind.Verse, ParagraphKind.Body], Find(Prose + "\n" + Verse + "\n" + Prose).Select(paragraph => paragraph.Kind));
        Assert.Equal("He walked along the strand\nAnd saw the water rise,\nThe pebbles in his hand,\nThe salt wind in his eyes.", Reading(Prose + "\n" + Verse).Split('\n', 2)[1]);
        Assert.DoesNotContain('\n', Reading(Prose));
    }

    [Fact]
    public void ParagraphsWithoutBlankLinesEndWithTheirShortLine()
    {
        string text = string.Concat(Enumerable.Repeat(Prose + "He went home.\n", 5));
        Assert.Equal(5, Find(text).Count(paragraph => text[paragraph.Start..paragraph.End].EndsWith("He went home.", StringComparison.Ordinal)));
    }

    [Fact]
    public void TablesKeepTheirRows()
    {
        const string Table = "Name        Age   Town\nAnna        12    Basel\nBertram     9     Bern\n";
        Assert.Equal(ParagraphKind.Table, Assert.Single(Find(Table)).Kind);
        Assert.Equal(3, Reading(Table).Split('\n').Length);
    }

    [Fact]
    public void ALineIsAParagraphWhereLinesAreLong()
    {
        string line = string.Concat(Enumerable.Repeat("A long line that holds all of a paragraph. ", 5)).Trim();
        Assert.Equal(3, Find($"{line}\n{line}\n{line}\n").Count);
    }

    [Fact]
    public void ChineseLinesAreJoinedWithoutBlanks()
    {
        const string Text = "野马队在分区轮击败了匹兹堡钢人队在比赛的最后三分钟拿下然后他们在\n美式足球联合会锦标赛中击败了卫冕冠军。";
        Assert.DoesNotContain(' ', new DocumentText(Document(Text, [new Paragraph(0, Text.Length, ParagraphKind.Body)])).ReadingText(0, Text.Length));
    }

    [Fact]
    public void ReadingTextOfPartsAddsUpToTheWhole()
    {
        string text = Prose + "\n" + Prose + "\n   One line\n   Another line\n\n" + Prose;
        DocumentText reading = new(Document(text, Find(text)));
        string whole = string.Concat(reading.ReadingText(0, text.Length).Where(c => !char.IsWhiteSpace(c)));
        int examined = 0;
        for (int cut = 0; cut <= text.Length; cut++, examined++)
        {
            string parts = reading.ReadingText(0, cut) + reading.ReadingText(cut, text.Length);
            Assert.Equal(whole, string.Concat(parts.Where(c => !char.IsWhiteSpace(c))));
        }
        Assert.True(examined > 500);
    }

    private static List<Paragraph> Find(string text)
    {
        List<TextLine> lines = TextLine.Split(text);
        return ParagraphFinder.Find(text, lines, HeadingFinder.Find(text, lines));
    }

    private static string Reading(string text) => new DocumentText(Document(text, Find(text))).ReadingText(0, text.Length);

    private static Document Document(string text, IReadOnlyList<Paragraph> paragraphs) => new()
    {
        Path = "/a.txt",
        Format = DocumentFormat.Text,
        Title = "a",
        ContentHash = "",
        Text = text,
        Sections = [new Section([], 0, text.Length)],
        Paragraphs = paragraphs,
    };
}
