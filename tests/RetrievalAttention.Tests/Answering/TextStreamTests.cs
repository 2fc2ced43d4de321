using RetrievalAttention.Answering;

namespace RetrievalAttention.Tests.Answering;

[Collection(Shipped.OneAtATime)]
public sealed class TextStreamTests
{
    [Theory]
    [InlineData("Four pounds a week.", "Four pounds a week.")]
    [InlineData("Four pounds.\n\nQuestion: What is it? Answer with a short phrase.", "Four pounds.")]
    [InlineData("Two lines:\nQuestions were asked.", "Two lines:\nQuestions were asked.")]
    [InlineData("It ends so:\nQuest", "It ends so:\nQuest")]
    [InlineData("Über 4 £ – Question: none", "Über 4 £ – Question: none")]
    public void TheTextEndsWhereTheModelAsksItself(string written, string expected)
    {
        List<string> given = [];
        TextStream stream = new(Shipped.Model.Tokenizer, given.Add, QuestionPrompt.Prefix);
        foreach (int id in Shipped.Model.Tokenizer.Encode(written).Select(token => token.Id))
        {
            stream.Add(id);
            if (stream.Stopped) break;
        }
        stream.End();
        Assert.Equal(expected, stream.Text);
        Assert.Equal(expected, string.Concat(given).Trim());
    }
}
