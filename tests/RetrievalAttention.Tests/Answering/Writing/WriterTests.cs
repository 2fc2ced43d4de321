using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Tests.Memory;
using TorchSharp;

namespace RetrievalAttention.Tests.Answering.Writing;

public class WriterTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly WritingOptions Options = new() { LocalTokens = 128 };

    [Fact]
    public void ASeedGivesTheSameTextAgainAndAnotherGivesAnother()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        WritingRequest request = new("", "The captain in the sea", 60, StyleOnly: false);
        int pieces = 0;
        WrittenText Write(int seed) => NewWriter(seed).Write(memory, request, _ => pieces++, CancellationToken.None);
        WrittenText first = Write(1);
        Assert.Equal(first.Text, Write(1).Text);
        Assert.NotEqual(first.Text, Write(2).Text);
        Assert.True(pieces > 100, $"the text came in {pieces} pieces");
        Assert.InRange(first.Words, 60, 300);
        Assert.True(first.Looks > 2, $"looked {first.Looks} times");
        Assert.NotEmpty(first.Sources);
        Assert.All(first.Sources, source => Assert.Equal(source.Quote, tiny.Text[source.Start..source.End]));
        Assert.Equal(1, first.Sources.Sum(source => source.Attention), 1e-6);
    }

    [Fact]
    public void StyleOnlySeesTheOpeningAndNothingElse()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        WrittenText written = NewWriter(1).Write(memory, new WritingRequest("Write.", "", 40, StyleOnly: true), null, CancellationToken.None);
        // The opening blocks are one run, so they are one source.
        Assert.Equal(0, Assert.Single(written.Sources).Start);
    }

    [Fact]
    public void TensorsAliveAreConstantOverTexts()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        long Write(int seed)
        {
            NewWriter(seed).Write(memory, new WritingRequest("Write about the sea.", "The ship", 80, StyleOnly: false), null, CancellationToken.None);
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        long first = Write(0);
        Assert.All(Enumerable.Range(1, 4).Select(Write).ToArray(), alive => Assert.Equal(first, alive));
    }

    [Fact]
    public void TheLedgerKnowsNamesOfTheBookAtTheBeginningOfASentenceAndStrangersInside()
    {
        NameLedger ledger = new(new BookNames(["Amos Tull", "Marigold"], new HashSet<string> { "Amos", "Tull", "Marigold" }), "Amos Tull lit the lamp in 1851.");
        Assert.Equal(["Holmes", "Amos"], ledger.Add("Amos met Holmes."));
        Assert.Equal(["1851", "Tull"], ledger.Add("Tull's lamp burned in 1851 before Amos came."));
        Assert.Equal(["Amos", "1851", "Holmes", "Tull"], ledger.Used.Select(name => name.Name));
        Assert.Equal(["Holmes"], ledger.Used.Where(name => !name.InBook).Select(name => name.Name));
        Assert.Empty(ledger.Add("Dear sir,\n\nMany thanks, I'll come."));
    }

    private Writer NewWriter(int seed) => new(tiny.Model, Options, Options.Sampling(new AnsweringOptions { Seed = seed }));
}
