using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.Tests.Answering.Summaries;

public sealed class IndependenceTests
{
    [Theory]
    [InlineData("He gave it to her in the evening at the door.")]
    [InlineData("\"You must come with me to the harbour this evening.\"")]
    [InlineData("Anna: [ Throws herself into an armchair by the writing-table.]")]
    [InlineData("at the end of the long garden behind the house.")]
    [InlineData("The captain asked the following of his men, and of the boy:")]
    [InlineData("The captain sighed.")]
    public void FragmentsAreWorthLessThanAStatement(string fragment)
    {
        Assert.True(Of(fragment) < Of("The captain gave the map to the boy in the evening."));
    }

    [Theory]
    [InlineData("\"Come on,\" he said.", .5, false)]
    [InlineData("\"Come in.", 1, true)]
    [InlineData("‘Don’t come in!’", 1, false)]
    [InlineData("The dogs' kennel was empty.", 0, false)]
    public void SpeechIsWhatStandsInQuotationMarks(string text, double share, bool leftOpen)
    {
        bool open = false;
        Assert.Equal(share, Independence.SpeechShare(text, ref open));
        Assert.Equal(leftOpen, open);
    }

    private static double Of(string text)
    {
        bool open = false;
        return Independence.Of(text, Independence.SpeechShare(text, ref open), "en");
    }
}
