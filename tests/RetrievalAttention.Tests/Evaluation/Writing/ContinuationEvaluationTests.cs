using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Evaluation.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Memory;

namespace RetrievalAttention.Tests.Evaluation.Writing;

public class ContinuationEvaluationTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Fact]
    public void WithNothingInSightTheLikelihoodIsThatOfThePlainText()
    {
        const int Local = 128;
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        IReadOnlyList<PlaceResult> results = new ContinuationEvaluation(tiny.Model, new WritingOptions()).Run(
            memory, new BookNames([], new HashSet<string>()), places: 3, Local, atNames: false, () => { }, TestContext.Current.CancellationToken);
        Assert.Equal(3 * Enum.GetValues<Sight>().Length, results.Count);
        foreach (PlaceResult result in results.Where(result => result.Sight == Sight.Nothing))
        {
            int[] ids = [.. tiny.Model.Tokenizer.Encode(tiny.Text).Skip(result.Place - Local).Take(Local + 64).Select(token => token.Id)];
            using AttentionContext context = tiny.Model.Header.NewContext(ids.Length);
            Assert.Equal(AnswerLikelihood.Measure(tiny.Model, context, ids[..Local], ids[Local..]).MeanNll, result.Nll.Average(), 1e-4);
        }
        ContinuationReport report = ContinuationReport.Of(results);
        Assert.Equal((3, 192, 0), (report.Places, report.Tokens, report.RareTokens));
        Assert.Equal(0, report.Sights[0].Gain.Mean);
        Assert.All(report.Sights.Skip(1), sight => Assert.NotEqual(0, sight.Gain.Mean));
    }

    [Fact]
    public void NothingFromBehindThePlaceIsSeen()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        using RecentQueries queries = new(tiny.Model.Heads.Heads, 16);
        using AttentionContext context = tiny.Model.Header.NewContext(16);
        tiny.Model.Decoder.Forward(TorchSharp.torch.tensor(new long[] { 260, 261, 262 }), context, queries).Dispose();
        for (int before = 0; before < memory.File.Blocks; before++)
            Assert.All(BookLooks.Again(tiny.Model, memory, 4, before)(queries.All), block => Assert.InRange(block, 0, before - 1));
    }

    [Fact]
    public void ANameIsRareWhereItWasSaidLongBefore()
    {
        string filler = string.Join(' ', Enumerable.Repeat("the sea in the sea", 30));
        string text = $"Amos saw her. {filler} Amos came. Then Amos went with Tull. {filler} Tull sang.";
        IReadOnlyList<TextToken> tokens = tiny.Model.Tokenizer.Encode(text);
        IReadOnlyList<RareName> rare = RareNames.Find(text, tokens, new BookNames([], new HashSet<string> { "Amos", "Tull" }), distance: 60);
        Assert.Equal(["Amos", "Tull"], rare.Select(name => name.Word));
        string Said(RareName name) => text[tokens[name.First].Start..tokens[name.Last].End];
        Assert.Equal(["Amos", "Tull"], rare.Select(name => Said(name).Trim()));
        Assert.True(rare[0].First > 60);
    }

    [Theory]
    [InlineData("one two three four five six seven", 0)]
    [InlineData("he was there and he was there and he was there and", 0.556)]
    [InlineData("too short", 0)]
    public void RepetitionIsTheShareOfRunsThatCameBefore(string text, double expected) => Assert.Equal(expected, WritingEvaluation.Repetition(text), 0.001);
}
