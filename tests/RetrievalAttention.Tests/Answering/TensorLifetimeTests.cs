using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Memory;
using TorchSharp;

namespace RetrievalAttention.Tests.Answering;

public class TensorLifetimeTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Fact]
    public void TensorsAliveAreConstantOverAHundredQuestions()
    {
        const int Questions = 100;
        AnsweringOptions options = new() { MaxAnswerTokens = 6, LookAgain = 2, Rerun = 0.15 };
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        Answerer answerer = new(tiny.Model, options, BlockSearch.ByAttention(tiny.Model));
        TextAnswerer fromText = new(tiny.Model, options, new PassageOptions());
        long Ask(int question)
        {
            answerer.Ask(memory, $"Where is the {(question % 2 == 0 ? "ship" : "lantern")} number {question}?", null, CancellationToken.None);
            if (question % 25 == 0) fromText.Ask(tiny.Document, "Where is the ship?", null, CancellationToken.None);
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        long first = Ask(0);
        long[] alive = [.. Enumerable.Range(1, Questions).Select(Ask)];
        Assert.Equal(Questions, alive.Length);
        Assert.All(alive, count => Assert.Equal(first, count));
    }

    [Fact]
    public void TensorsAliveAreConstantWhileReading()
    {
        tiny.Open(tiny.NewFolder()).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 5; i++) tiny.Open(tiny.NewFolder()).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
