using RetrievalAttention.Answering.Finding;

namespace RetrievalAttention.Tests.Answering.Finding;

public class NamedPartsTests
{
    private static readonly NamedTitle[] Titles =
    [
        new(1, "Treasure Island", OfBook: true), new(1, "Chapter 3", OfBook: false), new(1, "The Sea Cook", OfBook: false), new(1, "Treasure Island", OfBook: false),
        new(2, "Grimm's Fairy Tales", OfBook: true), new(2, "The Frog Prince", OfBook: false), new(2, "Chapter 3", OfBook: false),
        new(3, "The Frog Prince", OfBook: true), new(3, "Chapter Twenty One", OfBook: false),
        new(4, "Frog Prince Stories", OfBook: true),
    ];

    [Theory]
    [InlineData("What happens in chapter 3 of Treasure Island?", new long[] { 1 }, new[] { "Chapter 3" })]
    [InlineData("What happens in chapter twenty one of Treasure Island?", new long[] { 1 }, new string[0])]
    [InlineData("What happens in chapter 3?", new long[0], new[] { "Chapter 3" })]
    [InlineData("Who tells Frog Prince stories?", new long[] { 4 }, new string[0])]
    [InlineData("In Grimm's Fairy Tales, what does the Frog Prince want?", new long[] { 2, 3 }, new string[0])]
    [InlineData("Who is the captain?", new long[0], new string[0])]
    public void ABookThatIsNamedSaysAmongWhichSectionsOthersAreMeant(string question, long[] books, string[] sections)
    {
        NamedParts named = NamedParts.Of(question, Titles);
        Assert.Equal(books, named.Books.Order());
        Assert.Equal(sections, named.Sections.Order());
    }

    [Fact]
    public void OnlyTheNamedBooksChapterIsMeant()
    {
        NamedParts named = NamedParts.Of("What happens in chapter 3 of Treasure Island?", Titles);
        Assert.True(named.Names(1, ["Part One", "Chapter 3"]));
        Assert.False(named.Names(2, ["Chapter 3"]));
        Assert.False(named.NamesAllOf(1));
        Assert.True(NamedParts.Of("Who is Ben in Treasure Island?", Titles).NamesAllOf(1));
    }
}
