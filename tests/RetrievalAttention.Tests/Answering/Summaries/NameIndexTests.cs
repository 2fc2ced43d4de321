using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.Tests.Answering.Summaries;

public sealed class NameIndexTests
{
    [Fact]
    public void ContractionsAndDaysAreNoNames()
    {
        string[] names = NamesIn("I think, Watson, I'm right. He said I've time on Monday, Watson. Now I'll go, and I'm glad, and I've seen Monday come, Watson.");
        Assert.Equal(["Watson"], names);
    }

    [Fact]
    public void FormsOfOneNameAreOne()
    {
        IReadOnlyList<IndexedName> names = NameIndex.Names(SentenceBook.Of(
            "There stood Sherlock Holmes by the door.", "Then old Mr. Holmes spoke.", "We saw Holmes again.", "And then Sherlock Holmes left, with Mr. Holmes his father."));
        Assert.Equal([("Sherlock Holmes", 5)], names.Select(name => (name.Text, name.Count)));
        Assert.Equal([0, 1, 2, 3, 3], names[0].Sentences);
    }

    [Fact]
    public void FormsOfAddressThatDifferKeepNamesApart()
    {
        string[] names = NamesIn("We saw Mr. Bennet and Mrs. Bennet there.", "Again old Mr. Bennet and poor Mrs. Bennet came.", "Only the Bennet girls, the Bennet aunt and Mr. Bennet stayed.");
        Assert.Equal(["Bennet", "Mr. Bennet", "Mrs. Bennet"], names.Order());
    }

    [Fact]
    public void ANameIsShownAsItIsMostlyCalled() =>
        Assert.Equal(["Mrs. Cheveley"], NamesIn("We saw Mrs. Cheveley there.", "Again old Mrs. Cheveley came.", "Nobody but Cheveley was there."));

    [Fact]
    public void CapitalsAllThroughAreEmphasisOnlyWhereTheWordIsWrittenOtherwiseToo() =>
        Assert.Equal(["NASA", "Red League"], NamesIn("He told NASA of the Red League.", "Then NASA told the RED LEAGUE.", "So said NASA.").Order());

    [Fact]
    public void AFormThatIsHardlyUsedIsNoFullName() =>
        Assert.Equal(["Twitter"], NamesIn([.. Enumerable.Repeat("They wrote it on Twitter again.", 12), "They used the Twitter Interface."]));

    private static string[] NamesIn(params string[] sentences) => [.. NameIndex.Names(SentenceBook.Of(sentences)).Select(name => name.Text)];
}
