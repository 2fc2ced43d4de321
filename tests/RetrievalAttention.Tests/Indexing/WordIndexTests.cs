using CsCheck;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Tests.Indexing;

public sealed class WordIndexTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly WordIndex _words = new(new WordOptions());

    public WordIndexTests()
    {
        _connection.Open();
        WordIndex.CreateTables(_connection);
        WordIndex.CreateTables(_connection);
        (long Id, long Document, string Language, string Text)[] passages =
        [
            (1, 1, "en", "The captain locked the powder away in the stern cabin."),
            (2, 1, "en", "He was running along the beach, and the black spot lay in his hand."),
            (3, 1, "en", "A spot of black ink fell on the captain's naïve letter."),
            (4, 2, "en", "Nothing of note happened; captains slept."),
            (5, 3, "de", "Der Kapitän schloß das Pulver ein."),
            (6, 4, "zh", "船长把火药锁起来了。"),
            (7, 5, "ja", "船長は火薬をしまった。"),
            (8, 6, "ru", "Капитан запер порох в каюте."),
        ];
        foreach ((long id, long document, string language, string text) in passages) WordIndex.Add(_connection, id, document, text, language);
    }

    public void Dispose() => _connection.Dispose();

    [Theory]
    [InlineData("why did the captain lock the powder away", 1)]
    [InlineData("run", 2)]
    [InlineData("runs along beaches", 2)]
    [InlineData("naive", 3)]
    [InlineData("NAÏVE", 3)]
    [InlineData("kapitan pulver", 5)]
    [InlineData("火药", 6)]
    [InlineData("谁把火药锁起来了？", 6)]
    [InlineData("火薬", 7)]
    [InlineData("порох", 8)]
    [InlineData("powd*", 1)]
    public void TheBestPassageComesFirst(string query, long expected) => Assert.Equal(expected, Search(query)[0]);

    [Fact]
    public void APhraseIsFoundInItsOrderOnly()
    {
        Assert.Equal([2], Search("\"black spot\""));
        Assert.Equal([2], Search("“black spot” captain"));
        Assert.Equal([2, 3], Search("black spot").Order());
    }

    [Fact]
    public void APhraseThatIsNowhereLeavesTheOtherWords() => Assert.Equal([1], Search("\"purple elephant\" powder"));

    [Fact]
    public void OnlyTheNamedDocumentsAreSearched()
    {
        Assert.Equal([4], Search("captain", 2));
        Assert.Equal([1, 3, 4], Search("captain", 1, 2).Order());
        Assert.Empty(Search("captain", 99));
        Assert.Empty(Search("d1"));
    }

    [Fact]
    public void InAPartOfTheLibraryAWordThatIsEverywhereThereTellsNothing()
    {
        for (int id = 101; id <= 110; id++) WordIndex.Add(_connection, id, 9, id == 105 ? "Rumpelstiltskin spun a bowl of gold." : "Rumpelstiltskin Rumpelstiltskin came again.", "en");
        HashSet<long> part = [.. Enumerable.Range(101, 10).Select(id => (long)id)];
        IReadOnlyList<WordMatch> within = _words.SearchWithin(_connection, "Rumpelstiltskin gold captain", part, [9]);
        Assert.Equal(10, within.Count);
        Assert.Equal(105, within[0].Id);
        Assert.True(within[0].Score > 5 * within[1].Score, $"{within[0].Score} is not far above {within[1].Score}.");
        Assert.Equal([105], _words.SearchWithin(_connection, "\"bowl of gold\" rumpelstiltskin", part).Select(match => match.Id));
        Assert.Empty(_words.SearchWithin(_connection, "\"gold of bowl\"", part));
        Assert.Equal(105, _words.SearchWithin(_connection, "\"gold of bowl\" spun", part)[0].Id);
    }

    [Fact]
    public void WhatIsRemovedIsNotFoundAndMayComeBack()
    {
        WordIndex.Remove(_connection, [1, 6, 777]);
        Assert.Empty(Search("powder"));
        Assert.DoesNotContain(6, Search("火药"));
        WordIndex.Add(_connection, 1, 1, "powder kegs", "en");
        Assert.Equal([1], Search("powder"));
    }

    [Fact]
    public void TheDocumentAsAWordDoesNotChangeTheScore()
    {
        double everywhere = _words.Search(_connection, "powder", 1)[0].Score;
        Assert.Equal(everywhere, _words.Search(_connection, "powder", 1, [1, 2])[0].Score, 9);
        Assert.True(everywhere > 0);
    }

    [Fact]
    public void StopWordsAloneAreAPhrase() => Assert.Equal([1], Search("away in the"));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("😀 👍")]
    [InlineData("\"\"")]
    [InlineData("*")]
    [InlineData("?!.,;:")]
    [InlineData("\0")]
    [InlineData("\ud800")]
    [InlineData("the")]
    [InlineData("AND OR NOT NEAR")]
    [InlineData("text : captain")]
    [InlineData("captain\" OR \"powder")]
    [InlineData("x' OR 1=1; DROP TABLE words_english; --")]
    public void OddQueriesHaveAResult(string query)
    {
        Assert.NotNull(Search(query));
        Assert.Equal([1], Search("powder"));
    }

    [Fact]
    public void AHundredThousandCharactersAreAQuery() =>
        Assert.Contains(1, Search(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"word{i} ")).Insert(0, "powder ")));

    [Fact]
    public void NoQueryBreaksTheLanguageOfTheDatabase()
    {
        int examined = 0;
        Gen<string> pieces = Gen.OneOf("\"", "'", "*", ":", "^", "(", ")", "{", "}", "-", "+", "AND", "OR", "NOT", "NEAR(", "text", "document", "captain", "火", "药", "\0", " ", ",", "“", "„", "é", "😀", ".");
        Gen.String.Select(pieces.Array[0, 25], (random, array) => string.Concat(array) + random).Sample(query =>
        {
            lock (_connection) Search(query);
            Interlocked.Increment(ref examined);
        }, iter: 3_000);
        Assert.True(examined >= 3_000, $"{examined} queries");
    }

    [Fact]
    public void WordsInTooManyPassagesAreLeftOutWhileRarerOnesAreThere()
    {
        for (int i = 0; i < 500; i++) WordIndex.Add(_connection, 1_000 + i, 9, i == 250 ? "common rare" : "common", "en");
        var words = new WordIndex(new WordOptions { ScoredPassages = 100 });
        Assert.Equal([1_250], words.Search(_connection, "common rare", 1_000).Select(match => match.Id));
        Assert.Equal(100, words.Search(_connection, "common", 1_000).Count);
    }

    [Fact]
    public void ChangesFollowTheTransactionOfTheirConnection()
    {
        using (SqliteTransaction transaction = _connection.BeginTransaction())
        {
            WordIndex.Add(_connection, 50, 1, "ephemeral", "en");
            Assert.Equal([50], Search("ephemeral"));
            transaction.Rollback();
        }
        Assert.Empty(Search("ephemeral"));
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused() => Assert.Throws<ProblemException>(() => new WordIndex(new WordOptions { ScoredPassages = 1 }));

    private long[] Search(string query, params long[] documents) =>
        [.. _words.Search(_connection, query, 20, documents.Length == 0 ? null : documents).Select(match => match.Id)];
}
