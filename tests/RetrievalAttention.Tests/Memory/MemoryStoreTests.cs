using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

public class MemoryStoreTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Fact]
    public void ASecondOpeningReadsNothing()
    {
        string folder = tiny.NewFolder();
        using (DocumentMemory first = tiny.Open(folder)) Assert.Equal(tiny.Tokens, first.ReadTokens);
        using DocumentMemory second = tiny.Open(folder);
        Assert.Equal((0, TimeSpan.Zero), (second.ReadTokens, second.ReadTime));
        Assert.StartsWith(tiny.Document.ContentHash + "-", Path.GetFileName(second.File.FilePath));
    }

    [Fact]
    public void AMemoryOfOtherSettingsCountsAsNotThereWhereItIsNotNeeded()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        MemoryStore other = new(folder, TinyMemories.Options with { Step = 64 });
        Assert.Null(other.OpenIfThere(tiny.Document, tiny.Model, 0, forceRetrieval: true));
        Assert.Null(other.OpenAsFarAsRead(tiny.Document, tiny.Model));
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void WhetherADocumentIsReadIsKnownWithoutTheModel()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        MemoryStore store = new(folder, TinyMemories.Options);
        string hash = tiny.Document.ContentHash, model = tiny.Model.Weights.Hash;
        Assert.Contains(hash, store.ReadBy(model));
        Assert.DoesNotContain(hash, store.ReadBy("another"));
        Assert.DoesNotContain(TinyMemories.DocumentOf("other").ContentHash, store.ReadBy(model));
        Assert.DoesNotContain(hash, new MemoryStore(folder, TinyMemories.Options with { Window = 192 }).ReadBy(model));
        using (FileStream cut = File.OpenWrite(path)) cut.SetLength(cut.Length - tiny.RecordBytes);
        Assert.DoesNotContain(hash, store.ReadBy(model));
    }

    [Fact]
    public void OnlyACompleteMemoryIsThere()
    {
        MemoryStore store = new(tiny.NewFolder(), TinyMemories.Options);
        Assert.Null(store.OpenIfThere(tiny.Document, tiny.Model, 0, forceRetrieval: true));
        (string cut, _) = tiny.NewFolderWith(file => file.SetLength(file.Length / 2));
        Assert.Null(new MemoryStore(cut, TinyMemories.Options).OpenIfThere(tiny.Document, tiny.Model, 0, forceRetrieval: true));
        (string whole, _) = tiny.NewFolderWith(_ => { });
        using DocumentMemory? there = new MemoryStore(whole, TinyMemories.Options).OpenIfThere(tiny.Document, tiny.Model, 0, forceRetrieval: true);
        Assert.True(there!.File.Complete);
    }

    [Fact]
    public void OtherSettingsUnderTheSameNameAreRefusedWithTheDifference()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        ProblemException problem = Assert.Throws<ProblemException>(() => tiny.Open(folder, TinyMemories.Options with { Step = 64 }));
        Assert.Equal(ProblemKind.Index, problem.Kind);
        Assert.Contains("step: the file has 128, expected 64", problem.Message);
        Assert.Contains("--reread", problem.Message);
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void AFullDiskIsToldBeforeAnythingIsRead()
    {
        string folder = tiny.NewFolder();
        MemoryStore store = new(folder, TinyMemories.Options, _ => 100_000);
        ProblemException problem = Assert.Throws<ProblemException>(() => store.OpenOrRead(tiny.Document, tiny.Model, 0, true, null, null, CancellationToken.None));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.Contains("Make room", problem.Message);
        using DocumentMemory memory = tiny.Open(folder);
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(memory.File.FilePath));
    }

    [Fact]
    public void AFolderThatCannotBeMadeIsExplained()
    {
        string file = Path.Combine(tiny.NewFolder(), "file");
        File.WriteAllText(file, "");
        ProblemException problem = Assert.Throws<ProblemException>(() => tiny.Open(Path.Combine(file, "memory")));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.Contains("cannot be written to", problem.Message);
    }

    [Theory]
    [InlineData("")]
    public void ADocumentWithoutTextIsTheDocumentsProblem(string text)
    {
        MemoryStore store = new(tiny.NewFolder(), TinyMemories.Options);
        ProblemException problem = Assert.Throws<ProblemException>(() => store.OpenOrRead(TinyMemories.DocumentOf(text), tiny.Model, 0, true, null, null, CancellationToken.None));
        Assert.Equal(ProblemKind.Document, problem.Kind);
    }

    [Fact]
    public async Task WhoeverComesWhileAnotherReadsWaitsAndSaysSo()
    {
        (string folder, string path) = tiny.NewFolderWith(file => file.SetLength(0));
        TaskCompletionSource told = new();
        FileStream held = new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Task<int> waiting = Task.Run(() =>
        {
            using DocumentMemory memory = new MemoryStore(folder, TinyMemories.Options).OpenOrRead(
                tiny.Document, tiny.Model, 0, true, null, note => told.TrySetResult(), TestContext.Current.CancellationToken);
            return memory.ReadTokens;
        });
        await told.Task;
        File.WriteAllBytes(path, tiny.Bytes);
        await held.DisposeAsync();
        Assert.Equal(0, await waiting);
    }

    [Fact]
    public async Task OfTwoWhoReadAtTheSameTimeOneDoesTheWorkAndBothHaveIt()
    {
        string folder = tiny.NewFolder();
        Task<int> ReadAlone() => Task.Run(() =>
        {
            using LoadedModel model = tiny.NewModel();
            using DocumentMemory memory = new MemoryStore(folder, TinyMemories.Options).OpenOrRead(tiny.Document, model, 0, true, null, null, CancellationToken.None);
            Assert.Equal(tiny.Bytes, File.ReadAllBytes(memory.File.FilePath));
            return memory.ReadTokens;
        });
        int[] read = await Task.WhenAll(ReadAlone(), ReadAlone());
        Assert.Equal(tiny.Tokens, read.Sum());
    }

    [Theory]
    [InlineData(MemoryFormat.Float16, MemoryFormat.Int8)]
    [InlineData(MemoryFormat.Float16, MemoryFormat.Int4)]
    [InlineData(MemoryFormat.Int8, MemoryFormat.Int4)]
    public void AConvertedMemoryIsTheSameButForRoundingAndIsUsedWithoutReading(MemoryFormat from, MemoryFormat to)
    {
        string folder = tiny.NewFolder();
        MemoryOptions options = TinyMemories.Options with { Format = from };
        MemoryStore store = new(folder, options);
        using DocumentMemory before = tiny.Open(folder, options);
        byte[] index = File.ReadAllBytes(RetrievalIndex.PathFor(before.File.FilePath));
        File.WriteAllText(before.File.FilePath + ".passages", "vectors");
        string path = store.Convert(before.File.FilePath, to, null, "Tiny", null, null, CancellationToken.None);
        Assert.Equal("vectors", File.ReadAllText(path + ".passages"));
        Assert.Equal(index, File.ReadAllBytes(RetrievalIndex.PathFor(path)));
        Assert.False(File.Exists(before.File.FilePath));

        List<string> notes = [];
        using DocumentMemory after = tiny.Open(folder, options, notes);
        Assert.Empty(notes);
        Assert.Equal((0, path, to), (after.ReadTokens, after.File.FilePath, after.File.Fingerprint.Format));
        Assert.Empty(after.File.DamagedBlocks());
        Assert.True(after.File.Bytes < before.File.Bytes || from == MemoryFormat.Int8, $"{before.File.Bytes} became {after.File.Bytes}");
        for (int block = 0; block < tiny.Blocks; block++)
        {
            using var scope = NewDisposeScope();
            (Tensor keys, Tensor values) = before.File.Read([block]);
            (Tensor expectedKeys, Tensor expectedValues) = after.File.Codec.RoundTrip(keys, values);
            (Tensor foundKeys, Tensor foundValues) = after.File.Read([block]);
            Assert.True(foundKeys.equal(expectedKeys).all().item<bool>() && foundValues.equal(expectedValues).all().item<bool>(), $"block {block}");
            Assert.Equal(before.File.ReadTokens(block), after.File.ReadTokens(block));
        }
        Assert.True(tiny.Blocks > 10, $"{tiny.Blocks} blocks");
    }

    [Fact]
    public void ConversionToALargerFormatOrOfAnUnfinishedMemoryIsRefused()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        MemoryStore store = new(folder, TinyMemories.Options);
        Assert.Equal(ProblemKind.Setting, Assert.Throws<ProblemException>(() => store.Convert(path, MemoryFormat.Float16, null, "Tiny", null, null, CancellationToken.None)).Kind);
        Assert.Equal(ProblemKind.Setting, Assert.Throws<ProblemException>(() => store.Convert(path, MemoryFormat.Int8, null, "Tiny", null, null, CancellationToken.None)).Kind);
        (string cut, string unfinished) = tiny.NewFolderWith(file => file.SetLength(file.Length / 2));
        ProblemException problem = Assert.Throws<ProblemException>(() => new MemoryStore(cut, TinyMemories.Options).Convert(unfinished, MemoryFormat.Int4, null, "Tiny", null, null, CancellationToken.None));
        Assert.Contains("read to its end first", problem.Message);
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void AConversionThatIsStoppedLeavesTheOldMemory()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        MemoryStore store = new(folder, TinyMemories.Options);
        using CancellationTokenSource cancelled = new();
        Assert.ThrowsAny<OperationCanceledException>(() => store.Convert(path, MemoryFormat.Int4, null, "Tiny", new CallbackProgress(_ => cancelled.Cancel()), null, cancelled.Token));
        Assert.Empty(Directory.GetFiles(folder, "*.new"));
        using (DocumentMemory memory = tiny.Open(folder)) Assert.Equal((0, MemoryFormat.Int8), (memory.ReadTokens, memory.File.Fingerprint.Format));
        store.Convert(path, MemoryFormat.Int4, null, "Tiny", null, null, CancellationToken.None);
        Assert.Empty(Directory.GetFiles(folder, "*.new"));
    }

    [Fact]
    public void AFileThatIsNotNamedAsAMemoryIsNotConverted()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        string renamed = Path.Combine(folder, "x.memory");
        File.Move(path, renamed);
        ProblemException problem = Assert.Throws<ProblemException>(() => new MemoryStore(folder, TinyMemories.Options).Convert(renamed, MemoryFormat.Int4, null, "x", null, null, CancellationToken.None));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
        Assert.Equal(tiny.Bytes, File.ReadAllBytes(renamed));
    }

    [Fact]
    public void AReadingGoesOnInTheNumberTypeThatItBeganWith()
    {
        using LoadedModel narrow = tiny.NewModel(ScalarType.BFloat16);
        DocumentMemory Read(string folder, LoadedModel model, Action<string>? note) =>
            new MemoryStore(folder, TinyMemories.Options).OpenOrRead(tiny.Document, model, 0, forceRetrieval: true, null, note, CancellationToken.None);
        string folder = tiny.NewFolder();
        using DocumentMemory whole = Read(folder, narrow, null);
        byte[] expected = File.ReadAllBytes(whole.File.FilePath);
        Assert.False(expected.AsSpan().SequenceEqual(tiny.Bytes));

        string half = tiny.NewFolder(), path = Path.Combine(half, Path.GetFileName(whole.File.FilePath));
        File.WriteAllBytes(path, expected[..(expected.Length / 2)]);
        List<string> notes = [];
        using DocumentMemory resumed = Read(half, tiny.Model, notes.Add);
        Assert.True(resumed.ReadTokens > 0);
        Assert.Contains("begun in bfloat16", Assert.Single(notes));
        Assert.Equal(expected, File.ReadAllBytes(path));

        // A memory that is whole is good for questions whatever it was read in.
        using DocumentMemory used = Read(half, tiny.Model, null);
        Assert.Equal((0, "bfloat16"), (used.ReadTokens, used.File.Fingerprint.Reading));
    }

    [Fact]
    public void AMemoryThatDoesNotTellItsNumberTypeIsUsed()
    {
        string folder = tiny.NewFolder(), path = Path.Combine(folder, Path.GetFileName(tiny.Path));
        using (MemoryFile source = MemoryFile.OpenAsMade(tiny.Path))
        using (MemoryFile old = MemoryFile.Create(path, source.Fingerprint with { Reading = null }))
        {
            (Tensor keys, Tensor values) = source.Read([.. Enumerable.Range(0, source.Blocks)]);
            old.Append([.. Enumerable.Range(0, source.Blocks).SelectMany(source.ReadTokens)], old.Codec.Encode(keys, values));
        }
        List<string> notes = [];
        using DocumentMemory memory = tiny.Open(folder, notes: notes);
        Assert.Equal(0, memory.ReadTokens);
        Assert.Empty(notes);
    }

    [Fact]
    public void BlocksReadByLayerAreTheSameAsReadAtOnce()
    {
        foreach (MemoryFormat format in (MemoryFormat[])[MemoryFormat.Float16, MemoryFormat.Int8, MemoryFormat.Int4])
        {
            using var scope = NewDisposeScope();
            using DocumentMemory memory = tiny.Open(tiny.NewFolder(), TinyMemories.Options with { Format = format });
            int[] blocks = [1, 4, 5, tiny.Blocks - 1];
            (Tensor keys, Tensor values) = memory.File.Read(blocks);
            int layer = 0;
            foreach ((Tensor ownKeys, Tensor ownValues) in memory.File.ReadByLayer(blocks, 2))
            {
                Assert.True(ownKeys.equal(keys.narrow(1, layer, 1)).all().item<bool>() && ownValues.equal(values.narrow(1, layer, 1)).all().item<bool>(), $"{format}, layer {layer}");
                for (int group = 0; group < keys.shape[2]; group++)
                    Assert.Equal(keys[1, layer, group].contiguous().data<float>().ToArray(), memory.File.ReadKeys(4, layer, group));
                layer++;
            }
            Assert.Equal(2, layer);
        }
    }

    [Fact]
    public void AnExaminedMemorySaysWhatItHolds()
    {
        (string folder, string path) = tiny.NewFolderWith(file => file.SetLength(4096 + 3 * tiny.RecordBytes));
        (_, string headless) = tiny.NewFolderWith(file => file.Write(new byte[100]));
        tiny.Open(tiny.NewFolder()).Dispose();
        StoredMemory[] found = [.. StoredMemory.Examine([path, path + ".lock", path + ".index", headless, tiny.Path])];
        Assert.Equal(3, found.Length);
        StoredMemory cut = found.Single(memory => memory.Path == path), whole = found.Single(memory => memory.Path == tiny.Path);
        Assert.Equal((3 * KvCodec.BlockTokens, false), (cut.Tokens, cut.Complete));
        Assert.Equal((tiny.Tokens, true, (long)tiny.Bytes.Length + tiny.IndexBytes.Length), (whole.Tokens, whole.Complete, whole.Bytes));
        Assert.Equal(whole.Bytes / (double)tiny.Tokens, whole.BytesPerToken, 6);
    }
}
