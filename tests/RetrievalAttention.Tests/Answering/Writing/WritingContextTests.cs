using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Answering.Writing;

public class WritingContextTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly MemoryOptions Exact = TinyMemories.Options with { Format = MemoryFormat.Float16 };

    [Theory]
    [InlineData(new[] { 1, 2 }, new[] { 5, 6 })]
    [InlineData(new[] { 1, 2 }, new[] { 5, 6, 9 })]
    [InlineData(new[] { 1, 2, 3 }, new[] { 7 })]
    [InlineData(new[] { 4 }, new int[0])]
    public void ExchangingBlocksEqualsBuildingTheContextAnew(int[] before, int[] after)
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Exact);
        long[] text = [.. Ids(40)];
        using AttentionContext exchanged = tiny.Model.Header.NewContext(400), anew = tiny.Model.Header.NewContext(400);
        using KeyValueCapture computed = new(CancellationToken.None);

        MemoryContext.Append(exchanged, tiny.Model.Decoder, memory.File, before);
        int start = tiny.Model.Header.Length, end = exchanged.Length;
        tiny.Model.Decoder.Forward(tensor(text), exchanged, computed).Dispose();
        MemoryContext.Replace(exchanged, tiny.Model.Decoder, start, end, after.Length * KvCodec.BlockTokens, () => MemoryContext.Append(exchanged, tiny.Model.Decoder, memory.File, after));

        MemoryContext.Append(anew, tiny.Model.Decoder, memory.File, after);
        (Tensor keys, Tensor values) = computed.Take();
        MemoryContext.AppendTokens(anew, tiny.Model.Decoder, keys, values);
        Assert.Equal(anew.Length, exchanged.Length);
        AssertNear(tiny.Model.DecodeNext(7, anew, null), tiny.Model.DecodeNext(7, exchanged, null));
    }

    [Fact]
    public void PositionsStayWithinTheTrainedLengthHoweverLongTheText()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        using WritingContext context = new(tiny.Model, memory, new WritingOptions(), BookLooks.Again(tiny.Model, memory, 4), [5, 6, 7]);
        int most = tiny.Model.Weights.Config.ContextLength, written = 0;
        Assert.Equal(most, tiny.Model.Header.Length + context.MemoryTokens + 3 + context.LocalTokens);
        for (int i = 0; i < 700; i++, written++)
        {
            context.Next(260 + i % 20);
            Assert.InRange(context.Length, 0, most);
        }
        Assert.True(context.Looks >= written / 16, $"looked {context.Looks} times");
        Assert.True(context.Draft.Blocks * KvCodec.BlockTokens >= written - context.LocalTokens, $"only {context.Draft.Blocks} blocks left the window");
        Assert.NotEmpty(context.BookBlocks);
        Assert.NotEmpty(context.DraftBlocks);
        Assert.True(context.Attention.Values.Sum() > 0);
    }

    [Fact]
    public void WhatFallsOutOfTheWindowIsInTheDraftAndTheRestMovesUp()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Exact);
        long[] text = [.. Ids(128)];
        using AttentionContext plain = tiny.Model.Header.NewContext(200), rest = tiny.Model.Header.NewContext(200);
        using KeyValueCapture computed = new(CancellationToken.None);
        tiny.Model.Decoder.Forward(tensor(text), plain, computed).Dispose();
        (Tensor keys, Tensor values) = computed.Take();
        MemoryContext.AppendTokens(rest, tiny.Model.Decoder, keys.narrow(2, 64, 64), values.narrow(2, 64, 64));

        using WritingContext context = new(tiny.Model, memory, new WritingOptions { LocalTokens = 128, DraftRuns = 0 }, BookLooks.Nothing, []);
        context.Read([.. text.Select(id => (int)id)], 64, CancellationToken.None);
        Assert.Equal(0, context.Draft.Blocks);
        AssertNear(tiny.Model.DecodeNext(9, rest, null), context.Next(9));
        Assert.Equal(1, context.Draft.Blocks);
        Assert.Equal(tiny.Model.Header.Length + 65, context.Length);
        (Tensor draftKeys, Tensor draftValues) = context.Draft.Read(0);
        AssertNear(keys.narrow(2, 0, 64).contiguous().data<float>().ToArray(), draftKeys.contiguous().data<float>().ToArray());
        AssertNear(values.narrow(2, 0, 64).contiguous().data<float>().ToArray(), draftValues.contiguous().data<float>().ToArray());
    }

    [Fact]
    public void FixedBlocksStayAndTakeAllTheAttention()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        using WritingContext context = new(tiny.Model, memory, new WritingOptions(), BookLooks.Fixed([1, 0]), [5, 6]);
        for (int i = 0; i < 40; i++)
        {
            context.Next(260 + i);
            Assert.Equal([0, 1], context.BookBlocks);
        }
        Assert.Equal([0, 1], context.Attention.Keys.Order());
    }

    [Fact]
    public void APromptThatLeavesNoRoomIsRefused()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        int[] prompt = [.. Enumerable.Repeat(260, 400)];
        ProblemException problem = Assert.Throws<ProblemException>(() => new WritingContext(tiny.Model, memory, new WritingOptions(), BookLooks.Nothing, prompt));
        Assert.Contains("Shorten the instruction", problem.Message, StringComparison.Ordinal);
    }

    private IEnumerable<long> Ids(int count) => tiny.Model.Tokenizer.Encode(tiny.Text).Skip(700).Take(count).Select(token => (long)token.Id);

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= 0.002 * (1 + Math.Abs(expected[i])), $"{i}: expected {expected[i]}, found {actual[i]}");
    }
}
