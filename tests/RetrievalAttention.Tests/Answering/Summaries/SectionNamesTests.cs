using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Documents;
using RetrievalAttention.Tests.Documents;

namespace RetrievalAttention.Tests.Answering.Summaries;

public sealed class SectionNamesTests
{
    private static readonly string[] Island =
    [
        "PART ONE. The Old Buccaneer", "PART ONE. The Old Buccaneer › CHAPTER I. The Old Sea-dog at the Admiral Benbow", "PART ONE. The Old Buccaneer › CHAPTER II. Black Dog Appears",
        "PART ONE. The Old Buccaneer › CHAPTER V. The Last of the Blind Man", "CHAPTER XV. The Man of the Island",
    ];

    [Theory]
    [InlineData("Chapter 5", 3)]
    [InlineData("chapter v", 3)]
    [InlineData("CHAPTER FIVE", 3)]
    [InlineData("chap. 5", 3)]
    [InlineData("black dog", 2)]
    [InlineData("chapter fifteen", 4)]
    [InlineData("5", 3)]
    [InlineData("Part One. The old buccaneer › Chapter 2. Black Dog appears", 2)]
    public void NumbersAreTheSameHoweverTheyAreWritten(string name, int section) => Assert.Equal([section], SectionNames.Find(Book(Island), name));

    [Theory]
    [InlineData("V. The Sea-Chest", "Chapter 5")]
    [InlineData("CHAP. V.", "Chapter 5")]
    [InlineData("Kapitel 5. Die Insel", "chapter five")]
    public void TheWordBeforeTheNumberMayDiffer(string heading, string name) => Assert.Equal([1], SectionNames.Find(Book("I. The Squire", heading), name));

    [Theory]
    [InlineData("method", 1)]
    [InlineData("result", 2)]
    [InlineData("and res", 2)]
    public void TheBeginningOfAWordIsEnough(string name, int section) => Assert.Equal([section], SectionNames.Find(Book("Introduction", "Methodology", "Experiments and Results"), name));

    [Fact]
    public void AFigureIsNoBeginningOfANumber() => Assert.Throws<ProblemException>(() => SectionNames.Find(Book("Chapter 50", "Chapter 51"), "Chapter 5"));

    [Fact]
    public void APartBringsItsChapters() => Assert.Equal([0, 1, 2, 3], SectionNames.Find(Book(Island), "part one"));

    [Fact]
    public void SeveralAreListedAndNoneIsToldWhatThereIs()
    {
        ProblemException several = Assert.Throws<ProblemException>(() => SectionNames.Find(Book(Island), "the"));
        Assert.Equal(ProblemKind.NotFound, several.Kind);
        Assert.Contains("CHAPTER V. The Last of the Blind Man", several.Message, StringComparison.Ordinal);
        ProblemException none = Assert.Throws<ProblemException>(() => SectionNames.Find(Book(Island), "Chapter 77"));
        Assert.Contains("CHAPTER II. Black Dog Appears", none.Message, StringComparison.Ordinal);
    }

    private static Document Book(params string[] headings)
    {
        string text = string.Join('\n', headings);
        List<Section> sections = [];
        int at = 0;
        foreach (string heading in headings) sections.Add(new Section(heading.Split(" › "), at, at += heading.Length));
        return new Document { Path = "/book.txt", Format = DocumentFormat.Text, Title = "Book", ContentHash = "0", Text = text, Sections = sections, Paragraphs = [] };
    }
}
