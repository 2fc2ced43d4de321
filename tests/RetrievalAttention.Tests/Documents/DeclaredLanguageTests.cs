using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Documents;

public sealed class DeclaredLanguageTests
{
    [Theory]
    [InlineData("en", "en")]
    [InlineData(" en-GB ", "en")]
    [InlineData("EN_us", "en")]
    [InlineData("eng", "en")]
    [InlineData("English", "en")]
    [InlineData("deu", "de")]
    [InlineData("ger", "de")]
    [InlineData("german", "de")]
    [InlineData("fra", "fr")]
    [InlineData("fre", "fr")]
    [InlineData("chi", "zh")]
    [InlineData("zho-Hans", "zh")]
    [InlineData("gre", "el")]
    [InlineData("lat", "la")]
    [InlineData("grc", "grc")]
    public void EveryWayOfNamingALanguageGivesOneCode(string declared, string code) => Assert.Equal(code, DeclaredLanguage.CodeOf(declared));

    [Theory]
    [InlineData("und")]
    [InlineData("mul")]
    [InlineData("zxx")]
    [InlineData("MIS")]
    [InlineData("und-Latn")]
    [InlineData("as in the book")]
    [InlineData("")]
    [InlineData(null)]
    public void WhatNamesNoLanguageIsLeftToTheGuess(string? declared) => Assert.Null(DeclaredLanguage.CodeOf(declared));

    [Theory]
    [InlineData("und")]
    [InlineData("eng")]
    public void ABookOfAnUnknownLanguageIsStillEnglish(string declared)
    {
        const string Page = "<p>It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, and nobody knew.</p>";
        using TemporaryFolder folder = new();
        string path = folder.Write("page.html", $"<html lang=\"{declared}\"><body>{Page}</body></html>");
        Assert.Equal("en", DocumentReaders.All.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken).Language);
    }
}
