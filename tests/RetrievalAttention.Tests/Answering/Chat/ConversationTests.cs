using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Chat;

namespace RetrievalAttention.Tests.Answering.Chat;

public class ConversationTests
{
    [Theory]
    [InlineData("And what did he do then?", true)]
    [InlineData("Why?", true)]
    [InlineData("What about Silver?", true)]
    [InlineData("Where was it found and by whom?", true)]
    [InlineData("Who did Jim Hawkins meet when he landed?", false)]
    [InlineData("What was the name of the captain?", false)]
    [InlineData("Was he the one that Jim saw?", true)]
    [InlineData("", true)]
    public void QuestionsThatCannotBeUnderstoodAloneAreTold(string question, bool expected) => Assert.Equal(expected, FollowUp.NeedsContext(question));

    [Fact]
    public void AFollowUpIsSearchedForWithTheLastQuestionThatStandsAlone()
    {
        Conversation conversation = new();
        string Search(string text)
        {
            UserQuestion question = conversation.Ask(text);
            Assert.Equal(text, question.Text);
            conversation.Add(question, "So.");
            return question.Search;
        }
        Assert.Equal("And then?", Search("And then?"));
        Assert.Equal("Who was the captain of the Walrus?", Search("Who was the captain of the Walrus?"));
        Assert.Equal("Who was the captain of the Walrus? What did he bury?", Search("What did he bury?"));
        Assert.Equal("Who was the captain of the Walrus? Where?", Search("Where?"));
        Assert.Equal("What does the map of the island show?", Search("What does the map of the island show?"));
        Assert.Equal("What does the map of the island show? Who drew it first of all?", Search("Who drew it first of all?"));

        Assert.Equal(6, conversation.Turns.Count);
        Assert.Equal(conversation.Turns, conversation.Ask("Next?").Earlier);
        conversation.Clear();
        UserQuestion fresh = conversation.Ask("Where?");
        Assert.Equal(("Where?", 0), (fresh.Search, fresh.Earlier.Count));
    }
}
