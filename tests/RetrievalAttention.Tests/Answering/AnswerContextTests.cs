using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Answering;

public class AnswerContextTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly AnsweringOptions Options = new() { MemoryBlocks = 4, MaxAnswerTokens = 40, LookAgain = 8, Neighbours = 0 };

    [Fact]
    public void HalfOfTheBlocksMakeRoomEveryFewTokensAndTheRestOfTheContextStays()
    {
        using var scope = NewDisposeScope();
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        // The last block is short: then what stands behind the blocks moves.
        AnswerBlocks blocks = new([0, 1, 2, tiny.Blocks - 1], [1], [tiny.Blocks - 1, 1, 0, 2]);
        MemoryShelf shelf = new(memory);
        Prompt prompt = QuestionPrompt.Build(tiny.Model, new UserQuestion("Where is the lantern?"), Answerer.Quotations(shelf, blocks.Quoted));
        using AnswerContext context = new(tiny.Model, shelf, Options, blocks, prompt);
        Read(prompt, context);
        int behind = prompt.Ids.Count, short_ = shelf.TokensOf(tiny.Blocks - 1);
        Assert.InRange(short_, 1, KvCodec.BlockTokens - 1);
        Assert.Equal(tiny.Model.Header.Length + 3 * KvCodec.BlockTokens + short_ + behind, context.Context.Length);

        List<int> changes = [];
        for (int token = 0; token < Options.MaxAnswerTokens - 1; token++)
        {
            int before = context.Seen.Count();
            context.LookWhenDue();
            if (context.Seen.Count() > before) changes.Add(token);
            tiny.Model.DecodeNext(260 + token % 20, context.Context, context.OfToken);
            behind++;
            int memoryTokens = context.Context.Length - tiny.Model.Header.Length - behind;
            Assert.InRange(memoryTokens, 3 * KvCodec.BlockTokens + 1, 4 * KvCodec.BlockTokens);
        }
        Assert.NotEmpty(changes);
        Assert.All(changes, token => Assert.True(token > 0 && token % Options.LookAgain == 0, $"looked at token {token}"));
        Assert.InRange(context.Seen.Count(), 5, 4 + 2 * changes.Count);
        Assert.True(context.Attention.Keys.Except(blocks.Attended).Any(), "nothing new is cited");
        Assert.All(context.Attention.Keys, block => Assert.Contains(block, context.Seen));
    }

    [Fact]
    public void AQuestionThatLeavesNoRoomForTheBookIsRefused()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        Answerer answerer = new(tiny.Model, Options, (_, _) => [0]);
        ProblemException problem = Assert.Throws<ProblemException>(() => answerer.Ask(memory, string.Concat(Enumerable.Repeat("Where is the lantern? ", 60)), null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
    }

    [Fact]
    public void BlocksThatArePartlyRunAgainAreCitedWhereTheyStand()
    {
        using var scope = NewDisposeScope();
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        AnswerBlocks blocks = new([5, 6, 1, 2], [], [1, 6]);
        Prompt prompt = QuestionPrompt.Build(tiny.Model, "Where is the lantern?", []);
        AnswerContext New(double rerun) => new(tiny.Model, new MemoryShelf(memory), Options with { Rerun = rerun, LookAgain = 0 }, blocks, prompt);
        using AnswerContext stored = New(0), partly = New(0.15), wholly = New(1), text = New(0);
        long[] ids = [.. blocks.Attended.SelectMany(memory.File.ReadTokens).Select(token => (long)token.Id)];
        text.Context.Truncate(tiny.Model.Header.Length);
        tiny.Model.Decoder.Forward(tensor(ids), text.Context).Dispose();
        AnswerContext[] all = [stored, partly, wholly, text];
        foreach (AnswerContext context in all)
        {
            Read(prompt, context);
            tiny.Model.DecodeNext(265, context.Context, context.OfToken);
            Assert.Equal(all[0].Context.Length, context.Context.Length);
            Assert.Equal([1, 2, 5, 6], context.Attention.Keys.Order());
        }
        float[] Next(AnswerContext context) => tiny.Model.DecodeNext(270, context.Context, null);
        float[][] scores = [.. all.Select(Next)];
        double Apart(int one, int other) => scores[one].Zip(scores[other], (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(Apart(2, 3), 0, 1e-3);
        Assert.True(Apart(0, 3) > 2 * Apart(2, 3) && Apart(0, 1) > 0, $"{Apart(0, 3)} and {Apart(0, 1)}");
    }

    [Fact]
    public void WithZeroItNeverLooksAgain()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        AnswerBlocks blocks = new([0, 1], [], [1, 0]);
        Prompt prompt = QuestionPrompt.Build(tiny.Model, "Where is the lantern?", []);
        using AnswerContext context = new(tiny.Model, new MemoryShelf(memory), Options with { LookAgain = 0 }, blocks, prompt);
        Read(prompt, context);
        for (int token = 0; token < 30; token++)
        {
            context.LookWhenDue();
            tiny.Model.DecodeNext(265, context.Context, context.OfToken);
        }
        Assert.Null(context.OfPrompt);
        Assert.Equal([0, 1], context.Seen);
    }

    [Fact]
    public void AnAnswerLooksAgainOverAllBooksOfAShelf()
    {
        using DocumentMemory one = tiny.Open(tiny.NewFolder()), other = tiny.Open(tiny.NewFolder(), TinyMemories.Options with { Format = MemoryFormat.Int4 });
        MemoryShelf shelf = new(one, other);
        Answer Ask(int lookAgain) => new Answerer(tiny.Model, Options with { LookAgain = lookAgain, QuotedBlocks = 0 }, (_, _) => [0, 1, 2, 3])
            .Ask(shelf, new UserQuestion("Where is the lantern?"), null, CancellationToken.None);
        Assert.All(Ask(0).Sources, source => Assert.True(source.Position < 0.5));
        Answer again = Ask(2);
        Assert.InRange(again.Sources.Sum(source => source.Attention), 0.5, 1.000001);
        Assert.NotEqual(Ask(0).Sources, again.Sources);
    }

    private void Read(Prompt prompt, AnswerContext context) =>
        tiny.Model.Decoder.Forward(tensor(prompt.Ids.Select(id => (long)id).ToArray()), context.Context, context.OfPrompt).Dispose();
}
