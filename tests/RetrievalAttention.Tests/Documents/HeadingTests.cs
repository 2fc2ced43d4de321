using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Tests.Documents;

/// <summary>Chapter headings in whole books; skipped aloud where the data sets are missing.</summary>
public sealed class HeadingTests
{
    /// <summary>Sections at the innermost level of the book's chapters, counted by hand from the file.</summary>
    [Theory]
    [InlineData("books/treasure-island.txt", 34, "PART ONE--The Old Buccaneer › 1. The Old Sea-dog at the Admiral Benbow", "PART SIX--Captain Silver › 34. And Last")]
    [InlineData("books/alices-adventures-in-wonderland.txt", 12, "CHAPTER I. Down the Rabbit-Hole", "CHAPTER XII. Alice’s Evidence")]
    [InlineData("books/frankenstein.txt", 28, "Letter 1", "Chapter 24")]
    [InlineData("books/pride-and-prejudice.txt", 61, "Chapter 1", "Chapter 61")]
    [InlineData("books/almayers-folly.txt", 12, "CHAPTER I.", "CHAPTER XII.")]
    [InlineData("books/summer.txt", 18, "I", "XVIII")]
    [InlineData("books/anne-of-the-island.txt", 41, "Chapter I - The Shadow of Change", "XLI - Love Takes Up the Glass of Time")]
    [InlineData("books/an-ideal-husband.txt", 4, "FIRST ACT", "FOURTH ACT")]
    [InlineData("books/innocent.txt", 25, "BOOK ONE: HER FANCY › CHAPTER I", "BOOK TWO: HIS FACT › L'ENVOI")]
    [InlineData("books/picture-of-dorian-gray.txt", 20, "CHAPTER 1", "CHAPTER 20")]
    [InlineData("books/mary-a-fiction.txt", 31, "CHAP. I.", "CHAP. XXXI.")]
    [InlineData("docs/fairytales/andersen-fairybook.txt", 19, "SNOW MAN", "WHAT THE GOODMAN DOES IS ALWAYS RIGHT")]
    [InlineData("docs/fairytales/lilac-fairybook.txt", 21, "A FISH STORY", "THE WINNING OF OLWEN")]
    [InlineData("docs/xquad/xquad-zh.txt", 24, "Super Bowl 50", "French and Indian War")]
    public void WholeBooksHaveTheirChapters(string file, int chapters, string first, string last)
    {
        Document document = new PlainTextReader().Read(DataFolder.Find(file), new ReadingOptions(), null, TestContext.Current.CancellationToken);
        int depth = document.Sections.Max(section => section.HeadingPath.Count);
        List<string> paths = [.. document.Sections.Where(section => section.HeadingPath.Count == depth).Select(section => string.Join(" › ", section.HeadingPath))];
        Assert.Equal(chapters, paths.Count);
        Assert.Equal(first, paths[0]);
        Assert.Equal(last, paths[^1]);
    }

    [Fact]
    public void TwelveAdventuresAndTheThreePartsOfTheFirst()
    {
        Document document = new PlainTextReader().Read(DataFolder.Find("books/adventures-of-sherlock-holmes.txt"), new ReadingOptions(), null, TestContext.Current.CancellationToken);
        Assert.Equal(12, document.Sections.Count(section => section.HeadingPath.Count == 1));
        Assert.Equal(["I.", "II.", "III."], document.Sections.Where(section => section.HeadingPath.Count == 2).Select(section => section.Title));
    }

    [Theory]
    [InlineData("CHAPTER I", 1)]
    [InlineData("Part Two: The Sea-cook", 2)]
    [InlineData("STAVE III. The Second of the Three Spirits", 3)]
    [InlineData("THE THIRD BOOK", 3)]
    [InlineData("Chapter Twenty-One", 21)]
    [InlineData("XLI - Love Takes Up the Glass of Time", 41)]
    [InlineData("Kapitel 7: Der Garten", 7)]
    [InlineData("Глава 5", 5)]
    [InlineData("Section 4.2 Changes", null)]
    public void NumberedHeadingsAreUnderstood(string line, int? number)
    {
        Heading? heading = HeadingLine.Parse(line, 0);
        Assert.NotNull(heading);
        Assert.Equal(number, heading.Value.Number);
    }

    [Theory]
    [InlineData("Part of the island was hidden by mist")]
    [InlineData("Book I was reading when he came")]
    [InlineData("letter I had left at the inn")]
    [InlineData("Act Drop")]
    [InlineData("CHAPTER")]
    [InlineData("SECTION 17 (4169 words) #######")]
    [InlineData("Section 2.2(a)(i) of this Agreement.")]
    [InlineData("1.1 \"SOFTWARE USER\" means a user")]
    [InlineData("3 large eggs")]
    public void SentencesAndRestsOfOtherThingsAreNoHeadings(string line) => Assert.Null(HeadingLine.Parse(line, 0));

    [Fact]
    public void ATableOfContentsIsNoChapters()
    {
        const string Chapter = "\n\nIt was a fine day and all of them went out to see the sea.\n\n";
        string book = "THE SHORE\n\n\nCONTENTS\n\nCHAPTER I. The Sea\nCHAPTER II. The Sand\nCHAPTER III. The Wind\n\n\nCHAPTER I. The Sea" + Chapter
            + string.Concat(Enumerable.Repeat(Chapter, 9)) + "\nCHAPTER II. The Sand" + Chapter + "\nCHAPTER III. The Wind" + Chapter;
        List<TextLine> lines = TextLine.Split(book);
        Assert.Equal(["CONTENTS", "CHAPTER I. The Sea", "CHAPTER II. The Sand", "CHAPTER III. The Wind"], HeadingFinder.Find(book, lines).Select(heading => heading.Title));
    }

    [Fact]
    public void PageNumbersAreNoChapters()
    {
        string pages = string.Concat(Enumerable.Range(1, 9).Select(page => $"The sentence on page {page} goes on and\n\n\n{page}\n\n\non. Then another sentence begins which\n"));
        Assert.Empty(HeadingFinder.Find(pages, TextLine.Split(pages)));
    }
}
