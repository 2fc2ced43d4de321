using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Tests.Documents;

public sealed class WrittenNumberTests
{
    [Theory]
    [InlineData(1, "I", "A")]
    [InlineData(14, "XIV", "N")]
    [InlineData(28, "XXVIII", "BB")]
    [InlineData(1994, "MCMXCIV", null)]
    [InlineData(3999, "MMMCMXCIX", "3999")]
    [InlineData(2_000_000_000, "2000000000", "2000000000")]
    [InlineData(0, "0", "0")]
    public void PagesAndItemsAreCountedInSignsAndBeyondThemInFigures(int number, string roman, string? letters)
    {
        Assert.Equal(roman, WrittenNumber.Roman(number));
        if (letters is not null) Assert.Equal(letters, WrittenNumber.Letters(number));
    }

    [Fact]
    public void EachRomanNumeralOfAChapterIsReadBackAndNoOtherSpelling()
    {
        for (int number = 1; number < 400; number++) Assert.Equal(number, Numeral.Parse(WrittenNumber.Roman(number)));
        Assert.All(["IIII", "VX", "CCCC", "IC"], word => Assert.Null(Numeral.Parse(word)));
    }
}
