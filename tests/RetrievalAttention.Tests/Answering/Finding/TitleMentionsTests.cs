using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Answering.Finding;

public class TitleMentionsTests
{
    [Theory]
    [InlineData("In the story \"The Frog Prince\", who came?", "the frog prince", true)]
    [InlineData("In The Frog-Prince who came?", "The Frog Prince", true)]
    [InlineData("Who was the prince of frogs?", "The Frog Prince", false)]
    [InlineData("What does \"Summer\" say of love?", "Summer", true)]
    [InlineData("What happened in summer?", "Summer", false)]
    [InlineData("Who and what?", "", false)]
    public void ATitleCountsWhenItSaysEnoughOrIsQuoted(string question, string title, bool mentioned) =>
        Assert.Equal(mentioned, TitleMentions.In(question, [title]).Count == 1);

    [Fact]
    public void TheLongestTitleWins()
    {
        IReadOnlyList<TitleMention> mentions = TitleMentions.In("Who is in The Frog Prince Returns Home?", ["The Frog Prince", "The Frog Prince Returns"]);
        Assert.Equal(2, mentions.Count);
        Assert.Equal("The Frog Prince Returns", TitleMentions.Longest(mentions).Single().Title);
    }

    [Fact]
    public void AQuestionOfATitleAloneIsLeftWhole()
    {
        Assert.Equal("What did          eat?", TitleMentions.Without("What did Snow Pea eat?", [new TextRange(9, 17)]));
        Assert.Equal("What is Snow Pea?", TitleMentions.Without("What is Snow Pea?", [new TextRange(8, 16)]));
    }
}
