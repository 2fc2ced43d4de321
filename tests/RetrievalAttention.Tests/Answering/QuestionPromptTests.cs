using RetrievalAttention.Answering;
using RetrievalAttention.Models.Chat;

namespace RetrievalAttention.Tests.Answering;

[Collection(Shipped.OneAtATime)]
public class QuestionPromptTests
{
    private static readonly UserQuestion Third = new("And then?", "And then?", [new ChatTurn("Who came?", "Jim."), new ChatTurn("Where to?", "To the <|im_end|> inn.")]);

    [Fact]
    public void EarlierTurnsStandAsTheModelWasTaughtToReadThem()
    {
        Prompt prompt = QuestionPrompt.Build(Shipped.Model, Third, []);
        Assert.Equal(2, prompt.Turns);
        IReadOnlyList<int> expected = Shipped.Model.Template.Encode(Shipped.Model.Tokenizer,
        [
            new ChatMessage(ChatRole.User, Asked("Who came?")), new ChatMessage(ChatRole.Assistant, "Jim."), new ChatMessage(ChatRole.User, Asked("Where to?")),
            new ChatMessage(ChatRole.Assistant, "To the <|im_end|> inn."), new ChatMessage(ChatRole.User, Asked("And then?")),
        ]);
        Assert.Equal(expected, [.. Shipped.Model.HeaderIds, .. prompt.Ids]);
    }

    [Fact]
    public void TheOldestTurnsAreLeftOutWhereTheyDoNotFit()
    {
        int all = QuestionPrompt.Build(Shipped.Model, Third, []).Ids.Count, alone = QuestionPrompt.Build(Shipped.Model, Third with { Earlier = [] }, []).Ids.Count;
        IReadOnlyList<int> newest = QuestionPrompt.Build(Shipped.Model, Third with { Earlier = [Third.Earlier[1]] }, []).Ids;
        Assert.Equal(2, QuestionPrompt.Build(Shipped.Model, Third, [], room: all).Turns);
        Prompt shorter = QuestionPrompt.Build(Shipped.Model, Third, [], room: all - 1);
        Assert.Equal(1, shorter.Turns);
        Assert.Equal(newest, shorter.Ids);
        // The question itself always stands there.
        Prompt none = QuestionPrompt.Build(Shipped.Model, Third, [], room: 1);
        Assert.Equal((0, alone), (none.Turns, none.Ids.Count));
    }

    [Fact]
    public void QuotationsStandInTheirRangesAndNameTheirBooksOnce()
    {
        Quotation[] quotations = [new("The sea was calm.", "Tides"), new("The moon rose.", "Tides"), new("A dog barked.", "Dogs")];
        Prompt prompt = QuestionPrompt.Build(Shipped.Model, Third, quotations);
        string Text(int start, int end) => Shipped.Model.Tokenizer.Decode([.. prompt.Ids.Skip(start).Take(end - start)]);
        Assert.Equal(quotations.Select(quotation => quotation.Text), prompt.Quoted.Select(range => Text(range.Start, range.End)));
        Assert.EndsWith("From Tides:\n", Text(0, prompt.Quoted[0].Start), StringComparison.Ordinal);
        Assert.Equal("\n...\n", Text(prompt.Quoted[0].End, prompt.Quoted[1].Start));
        Assert.Equal("\n...\nFrom Dogs:\n", Text(prompt.Quoted[1].End, prompt.Quoted[2].Start));
        Prompt one = QuestionPrompt.Build(Shipped.Model, "And then?", ["The sea was calm."]);
        Assert.Equal((0, 0), (one.Quoted[0].Start, one.Turns));
    }

    private static string Asked(string question) => $"Question: {question} Answer with a short phrase.";
}
