using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Memory;

namespace RetrievalAttention.Tests.Answering;

public class ConcurrentAnswersTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Theory]
    [InlineData(MemoryFormat.Int8)]
    [InlineData(MemoryFormat.Keys)]
    public void FourThreadsGetTheAnswersThatOneGets(MemoryFormat format)
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), TinyMemories.Options with { Format = format });
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, TorchSharp.torch.CPU, new EmbedderOptions());
        using BlockFinder finder = new(tiny.Model, () => embedder, new PassageOptions());
        finder.Prepare(memory, null, TestContext.Current.CancellationToken);
        AnsweringOptions options = new() { MaxAnswerTokens = 8, MemoryBlocks = 3, QuotedBlocks = 1, Candidates = 6 };
        string[] questions = [.. Enumerable.Range(0, 24).Select(i => $"Where is the {(i % 2 == 0 ? "lantern" : "captain")} number {i % 6}?")];

        // A model of its own each time: what is made on first use is made under concurrency too.
        string[] Ask(int threads)
        {
            using LoadedModel model = tiny.NewModel();
            (Answer[] answers, _) = ThroughputMeasurement.AskAll(new Answerer(model, options, finder.Rank), new MemoryShelf(memory), questions, threads, null, TestContext.Current.CancellationToken);
            return [.. answers.Select(answer => $"{answer.Text} {answer.Support.Gain:F2} {string.Join('|', answer.Sources.Select(source => $"{source.Start} {source.Attention:F2}"))}")];
        }
        string[] expected = Ask(1);
        Assert.True(expected.Distinct().Count() > 1, string.Join(" | ", expected));
        Assert.Equal(expected, Ask(4));
    }
}
