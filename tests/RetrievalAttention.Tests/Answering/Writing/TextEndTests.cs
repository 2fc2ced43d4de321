using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Answering.Writing;

[Collection(Shipped.OneAtATime)]
public class TextEndTests
{
    private static readonly ITextTokenizer Tokenizer = Shipped.Model.Tokenizer;

    [Fact]
    public void ATextEndsWithASentenceOnceThereAreEnoughWords()
    {
        TextEnd end = new(Tokenizer, "en", 8);
        Assert.Equal("He came home.", end.Add("He came home."));
        Assert.False(end.Reached);
        Assert.Null(end.Add(" Then Mr."));
        Assert.Null(end.Add(" Darcy spoke to J."));
        Assert.Equal(9, end.Words);
        Assert.False(end.Reached);
        Assert.Equal(" Then Mr. Darcy spoke to J. at last.", end.Add(" at last."));
        Assert.True(end.Reached);
        Assert.Equal(11, end.Words);
    }

    [Fact]
    public void TokensThatGiveNoTextEndItToo()
    {
        TextEnd end = new(Tokenizer, "en", 5);
        int tokens = 0;
        for (; !end.Reached && tokens < 10_000; tokens++) end.AddToken();
        Assert.InRange(tokens, 5, 500);
    }

    [Fact]
    public void TheModelMayNotEndEarlyAndFullStopsBecomeLikelierLate()
    {
        TextEnd end = new(Tokenizer, "en", 5);
        int stop = Tokenizer.Encode(".")[0].Id;
        float[] early = new float[Tokenizer.VocabularySize];
        end.Apply(early);
        Assert.NotEmpty(Tokenizer.EndIds);
        Assert.All(Tokenizer.EndIds, id => Assert.True(float.IsNegativeInfinity(early[id])));
        Assert.Equal(0, early[stop]);

        float before = 0;
        foreach (string word in (string[])[" one", " two", " three", " four", " five", " six", " seven"])
        {
            end.Add(word);
            float[] scores = new float[Tokenizer.VocabularySize];
            end.Apply(scores);
            Assert.True(scores[stop] >= before);
            before = scores[stop];
        }
        Assert.True(before > 0);
    }

    [Fact]
    public void ATextWithoutWordsEnds()
    {
        TextEnd end = new(Tokenizer, "en", 10);
        int added = 0;
        for (; !end.Reached && added < 1000; added++)
        {
            end.AddToken();
            end.Add(" –");
        }
        Assert.InRange(added, 10, 300);
    }

    [Fact]
    public void WhatNeverEndsASentenceEndsAllTheSame()
    {
        TextEnd end = new(Tokenizer, "en", 1);
        int added = 0;
        while (!end.Reached && added < 1000)
        {
            end.Add(" and");
            added++;
        }
        Assert.InRange(added, 2, 300);
    }
}
