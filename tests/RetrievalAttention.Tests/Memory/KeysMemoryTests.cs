using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

/// <summary>Memories of which only the retrieval heads' keys are kept: the same blocks are found, and read as text.</summary>
public class KeysMemoryTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly MemoryOptions Keys = TinyMemories.Options with { Format = MemoryFormat.Keys };

    [Fact]
    public void ItHoldsTheKeysOfTheRetrievalHeadsAndIsAFractionOfTheSize()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Keys), whole = tiny.Open(tiny.NewFolder(), TinyMemories.Options with { Format = MemoryFormat.Float16 });
        Assert.Equal((tiny.Tokens, true, false), (memory.ReadTokens, memory.File.Complete, memory.File.Codec.HoldsAll));
        Assert.Empty(memory.File.DamagedBlocks());
        IReadOnlyList<(int Layer, int Group)> sources = tiny.Model.Heads.Sources(tiny.Model.Weights.Config);
        Assert.Equal(2, sources.Count);
        for (int block = 0; block < tiny.Blocks; block++)
        {
            Assert.Equal(whole.File.ReadTokens(block), memory.File.ReadTokens(block));
            foreach ((int layer, int group) in sources)
            {
                // The window was not rounded to float16 here.
                float[] expected = whole.File.ReadKeys(block, layer, group), found = memory.File.ReadKeys(block, layer, group);
                for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 0.01f * (1 + Math.Abs(expected[i])));
            }
        }
        Assert.True(memory.File.Codec.BytesPerBlock < 0.3 * whole.File.Codec.BytesPerBlock, $"{memory.File.Codec.BytesPerBlock} bytes a block");
    }

    [Fact]
    public void OnlyTheLayersUpToTheLastRetrievalHeadAreRun()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Keys);
        Assert.Equal(tiny.Model.Heads.LayersNeeded, memory.File.Codec.LayersRead);
    }

    [Fact]
    public void TheFirstLookFindsWhatItFindsInAWholeMemory()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Keys), whole = tiny.Open(tiny.NewFolder(), TinyMemories.Options with { Format = MemoryFormat.Float16 });
        double[] expected = BlockSearch.FirstLook(tiny.Model, whole.Index!, "Where is the lantern?"), found = BlockSearch.FirstLook(tiny.Model, memory.Index!, "Where is the lantern?");
        Assert.Equal(tiny.Blocks, found.Length);
        for (int block = 0; block < found.Length; block++) Assert.Equal(expected[block], found[block], 0.05);
    }

    [Fact]
    public void AQuestionReadsTheBestBlocksAsTextAndCitesThem()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Keys);
        AnsweringOptions options = new() { MaxAnswerTokens = 4, MemoryBlocks = 3, Candidates = 5 };
        Answer answer = new Answerer(tiny.Model, options, (_, _) => [5, 2, 8, 1, 3, 4]).Ask(memory, "Where is the lantern?", null, CancellationToken.None);
        Assert.Equal(AnswerMode.Text, answer.Mode);
        Assert.NotEmpty(answer.Sources);
        Assert.Equal(1, answer.Sources.Sum(source => source.Attention), 6);
        Assert.True(double.IsFinite(answer.Support.Gain));

        // On a shelf with a whole memory too: nothing of either is attended to.
        using DocumentMemory other = tiny.Open(tiny.NewFolder());
        Assert.Equal(AnswerMode.Text, new Answerer(tiny.Model, options, (_, _) => [0, tiny.Blocks + 1, 2]).Ask(new MemoryShelf(memory, other), new UserQuestion("Where?"), null, CancellationToken.None).Mode);
    }

    [Fact]
    public void WhatNeedsKeysAndValuesIsRefusedWithWhatToDo()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder(), Keys);
        ProblemException problem = Assert.Throws<ProblemException>(() => memory.File.Read([0]));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
        Assert.Contains("--reread", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MemoryFormat.Float16)]
    [InlineData(MemoryFormat.Int8)]
    [InlineData(MemoryFormat.Int4)]
    public void AnyFormatBecomesKeysWithoutReadingAndKeysBecomeNoOther(MemoryFormat from)
    {
        string folder = tiny.NewFolder();
        MemoryOptions options = TinyMemories.Options with { Format = from };
        MemoryStore store = new(folder, options);
        string before, path;
        using (DocumentMemory memory = tiny.Open(folder, options))
        {
            before = memory.File.FilePath;
            path = store.Convert(before, MemoryFormat.Keys, tiny.Model.Heads.SourceNames(tiny.Model.Weights.Config), "Tiny", null, null, CancellationToken.None);
        }
        Assert.False(File.Exists(before));
        List<string> notes = [];
        using DocumentMemory after = tiny.Open(folder, options, notes);
        Assert.Empty(notes);
        Assert.Equal((0, path, MemoryFormat.Keys, tiny.Blocks), (after.ReadTokens, after.File.FilePath, after.File.Fingerprint.Format, after.File.Blocks));
        Assert.Empty(after.File.DamagedBlocks());
        ProblemException problem = Assert.Throws<ProblemException>(() => store.Convert(path, MemoryFormat.Int4, null, "Tiny", null, null, CancellationToken.None));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
        Assert.Contains("Set Memory:Format to int4 and read the document anew", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWholeMemoryIsUsedWhereKeysAreWantedAndTheOtherWayRound()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        using (DocumentMemory memory = tiny.Open(folder, Keys)) Assert.Equal((0, path), (memory.ReadTokens, memory.File.FilePath));
        string other = tiny.NewFolder();
        tiny.Open(other, Keys).Dispose();
        using DocumentMemory keys = tiny.Open(other);
        Assert.Equal((0, MemoryFormat.Keys), (keys.ReadTokens, keys.File.Fingerprint.Format));
    }

    [Fact]
    public void AShortDocumentIsSearchedToo()
    {
        MemoryStore store = new(tiny.NewFolder(), Keys with { FullAttentionTokens = 6144 });
        Document shorter = TinyMemories.DocumentOf(tiny.Text[..400]);
        using DocumentMemory memory = store.OpenOrRead(shorter, tiny.Model, 0, forceRetrieval: false, null, null, CancellationToken.None);
        Assert.False(memory.Full);
        Assert.NotNull(memory.Index);
    }

    [Fact]
    public void AReadingThatWasCutGoesOnAtItsStretchToTheSameBytes()
    {
        MemoryOptions steps = Keys with { Step = 64 };
        Document book = TinyMemories.DocumentOf(string.Join(' ', Enumerable.Range(0, 6).Select(part => $"{part} {tiny.Text}")));
        string folder = tiny.NewFolder();
        byte[] expected, index;
        string name;
        int tokens;
        using (DocumentMemory whole = Open(folder))
        {
            (name, tokens) = (Path.GetFileName(whole.File.FilePath), whole.File.Tokens);
            (expected, index) = (File.ReadAllBytes(whole.File.FilePath), File.ReadAllBytes(RetrievalIndex.PathFor(whole.File.FilePath)));
        }
        const int Stretch = 64 * 64;
        Assert.True(tokens > Stretch + 512, $"{tokens} tokens");
        int record = (expected.Length - 4096) / ((tokens + 63) / 64), kept = 0;
        foreach ((int blocks, bool damaged) in ((int, bool)[])[(3, false), (64, false), (69, false), (69, true)])
        {
            string cut = tiny.NewFolder();
            byte[] bytes = expected[..(4096 + blocks * record + 100)];
            if (damaged) bytes[4096 + 40 * record + 1000] ^= 1;
            File.WriteAllBytes(Path.Combine(cut, name), bytes);
            File.WriteAllBytes(RetrievalIndex.PathFor(Path.Combine(cut, name)), index[..(index.Length / 2)]);
            using DocumentMemory memory = Open(cut);
            Assert.Equal(tokens - (blocks < 64 ? 0 : Stretch), memory.ReadTokens);
            Assert.Equal(index, File.ReadAllBytes(RetrievalIndex.PathFor(memory.File.FilePath)));
            if (damaged)
            {
                // Found when the block is used, as in the other formats.
                Assert.Equal([40], memory.File.DamagedBlocks());
                continue;
            }
            Assert.Equal(expected, File.ReadAllBytes(memory.File.FilePath));
            kept += memory.File.Tokens - memory.ReadTokens;
        }
        Assert.Equal(2 * Stretch, kept);

        DocumentMemory Open(string at) => new MemoryStore(at, steps).OpenOrRead(book, tiny.Model, 0, forceRetrieval: true, null, null, TestContext.Current.CancellationToken);
    }
}
