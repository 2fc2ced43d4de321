using RetrievalAttention.Memory;

namespace RetrievalAttention.Tests.Memory;

/// <summary>Whatever happens to a memory, it is noticed, and in the end there are the bytes of an undisturbed reading.</summary>
public class MemoryDamageTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private const int Head = 4096;

    [Fact]
    public void AReadingThatIsStoppedAgainAndAgainEndsWithTheSameBytes()
    {
        Random random = new(11);
        string folder = tiny.NewFolder();
        int stops = 0;
        while (stops < 12)
        {
            using CancellationTokenSource cancelled = new();
            int reports = 0, last = random.Next(1, 4);
            CallbackProgress stopper = new(_ =>
            {
                if (++reports == last) cancelled.Cancel();
            });
            try
            {
                tiny.OpenUntil(folder, stopper, cancelled.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }
        Assert.InRange(stops, 5, 12);
        using DocumentMemory memory = tiny.Open(folder);
        AssertUndisturbed(memory);
    }

    [Fact]
    public void AFileCutAnywhereIsReadOnFromThere()
    {
        Random random = new(5);
        int[] lengths = [0, 1, Head - 1, Head, Head + 1, tiny.Bytes.Length - 1, .. Enumerable.Range(0, 40).Select(_ => random.Next(tiny.Bytes.Length))];
        int most = 0;
        foreach (int length in lengths)
        {
            (string folder, _) = tiny.NewFolderWith(file => file.SetLength(length));
            using DocumentMemory memory = tiny.Open(folder);
            AssertUndisturbed(memory);
            Assert.InRange(memory.ReadTokens, 1, tiny.Tokens);
            int whole = Math.Max(0, length - Head) / tiny.RecordBytes / 2 * 2 * KvCodec.BlockTokens;
            Assert.Equal(tiny.Tokens - whole, memory.ReadTokens);
            most = Math.Max(most, whole);
        }
        Assert.Equal(46, lengths.Length);
        Assert.True(most > 500, $"at most {most} tokens were kept");
    }

    [Fact]
    public void AFlippedByteIsNamedAndReadAgainOrIsOneThatMeansNothing()
    {
        Random random = new(7);
        int named = 0, heads = 0, meaningless = 0;
        for (int flip = 0; flip < 80; flip++)
        {
            int at = flip < 8 ? random.Next(Head) : random.Next(tiny.Bytes.Length), block = at < Head ? -1 : (at - Head) / tiny.RecordBytes;
            (string folder, string path) = tiny.NewFolderWith(file => Flip(file, at));
            List<string> notes = [];
            if (MemoryFile.FindFingerprint(path) is null)
            {
                heads++;
                Assert.InRange(at, 0, Head - 1);
            }
            else
            {
                using MemoryFile file = MemoryFile.OpenAsMade(path);
                int[] damaged = [.. file.DamagedBlocks()];
                bool lastCut = block == tiny.Blocks - 1 && file.Blocks == block;
                if (damaged.Length > 0)
                {
                    Assert.Equal([block], damaged);
                    DamagedBlockException damage = Assert.Throws<DamagedBlockException>(() => file.Read([block]));
                    Assert.Contains($"Block {block} of the memory {path}", damage.Message);
                    named++;
                }
                else if (!lastCut)
                {
                    // Bytes of the first page behind the fingerprint, or the reserved ones of a record.
                    Assert.True(at < Head || (at - Head) % tiny.RecordBytes is >= 12 and < 16, $"byte {at}");
                    meaningless++;
                    continue;
                }
            }
            using DocumentMemory memory = tiny.Open(folder, notes: notes);
            AssertUndisturbed(memory);
        }
        Assert.Equal(80, named + heads + meaningless + (80 - named - heads - meaningless));
        Assert.True(named > 50, $"{named} named");
        Assert.True(heads > 0, "no head was hit");
    }

    [Fact]
    public void DamageInTheWindowOfAnUnfinishedReadingIsReadAgain()
    {
        int blocks = 6, damaged = 4;
        (string folder, _) = tiny.NewFolderWith(file =>
        {
            file.SetLength(Head + blocks * tiny.RecordBytes);
            Flip(file, Head + damaged * tiny.RecordBytes + 2000);
        });
        List<string> notes = [];
        using DocumentMemory memory = tiny.Open(folder, notes: notes);
        AssertUndisturbed(memory);
        Assert.Contains($"Block {damaged} of the memory", Assert.Single(notes));
    }

    [Fact]
    public void AFileThatIsCutWhileItIsMappedIsDamagedAndNoCrash()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        using DocumentMemory memory = tiny.Open(folder);
        memory.File.Read([0, tiny.Blocks - 1]).Keys.Dispose();
        using (FileStream cutter = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) cutter.SetLength(Head + 3 * tiny.RecordBytes + 100);
        Assert.Equal(3, Assert.Throws<DamagedBlockException>(() => memory.File.Read([3])).Block);
        Assert.Equal(tiny.Blocks - 3, memory.File.DamagedBlocks().Count());
        memory.File.Read([2]).Keys.Dispose();
        using DocumentMemory again = tiny.Open(folder);
        AssertUndisturbed(again);
    }

    [Fact]
    public void RepairingCutsAtTheBlockOnceHoweverManyFoundIt()
    {
        (string folder, _) = tiny.NewFolderWith(file => Flip(file, Head + 5 * tiny.RecordBytes + 3000));
        MemoryStore store = new(folder, TinyMemories.Options);
        List<string> notes = [];
        using DocumentMemory first = tiny.Open(folder, notes: notes);
        Assert.Equal(tiny.Tokens - 4 * KvCodec.BlockTokens, first.ReadTokens);
        // Making the index found the damage; whoever found the same before only learns that it is repaired.
        store.Repair(new DamagedBlockException(first.File.FilePath, 5), "Tiny", null, CancellationToken.None);
        using DocumentMemory second = tiny.Open(folder);
        Assert.Equal(0, second.ReadTokens);
        AssertUndisturbed(second);
    }

    [Fact]
    public void ADamagedOrForeignIndexIsMadeAgain()
    {
        Random random = new(9);
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        string index = RetrievalIndex.PathFor(path);
        File.WriteAllText($"{index}.1.new", "left behind by a process that was killed");
        int examined = 0;
        foreach (int at in (int[])[-1, 0, 3, 8, 20, 60, .. Enumerable.Range(0, 20).Select(_ => random.Next(tiny.IndexBytes.Length))])
        {
            byte[] bytes = [.. tiny.IndexBytes];
            if (at < 0) bytes = bytes[..(bytes.Length / 2)];
            else bytes[at] ^= 0x10;
            File.WriteAllBytes(index, bytes);
            Assert.False(RetrievalIndex.IsWhole(index));
            tiny.Open(folder).Dispose();
            Assert.Equal(tiny.IndexBytes, File.ReadAllBytes(index));
            examined++;
        }
        Assert.Equal(26, examined);
        Assert.Empty(Directory.GetFiles(folder, "*.new"));
    }

    [Fact]
    public void AnIndexThatWasCutOrLeftBehindWhileReadingIsGoneOnWith()
    {
        Random random = new(11);
        int examined = 0;
        foreach (int blocks in (int[])[0, 2, tiny.Blocks / 2, tiny.Blocks - 1])
        {
            foreach (int length in (int[])[0, 100, 4096, .. Enumerable.Range(0, 4).Select(_ => random.Next(tiny.IndexBytes.Length)), tiny.IndexBytes.Length])
            {
                (string folder, string path) = tiny.NewFolderWith(file => file.SetLength(Head + blocks * tiny.RecordBytes));
                byte[] index = tiny.IndexBytes[..length];
                if (length > 5000 && examined % 2 == 0) index[random.Next(4096, length)] ^= 4;
                File.WriteAllBytes(RetrievalIndex.PathFor(path), index);
                using DocumentMemory memory = tiny.Open(folder);
                AssertUndisturbed(memory);
                examined++;
            }
        }
        Assert.Equal(32, examined);
    }

    [Fact]
    public void WhereTheIndexCannotBeWrittenItIsMadeInMemory()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        Directory.CreateDirectory(RetrievalIndex.PathFor(path));
        using DocumentMemory memory = tiny.Open(folder), usual = tiny.Open(System.IO.Path.GetDirectoryName(tiny.Path)!);
        Assert.Equal((0, tiny.Blocks), (memory.ReadTokens, memory.Index!.Blocks));
        Assert.Equal(usual.Index!.Keys(0).data<float>().ToArray(), memory.Index.Keys(0).data<float>().ToArray());
        Assert.Empty(Directory.GetFiles(folder, "*.new"));
    }

    [Fact]
    public void ADamagedIndexIsToldAMissingOneIsNot()
    {
        (string folder, string path) = tiny.NewFolderWith(_ => { });
        List<string> notes = [];
        tiny.Open(folder, notes: notes).Dispose();
        Assert.Empty(notes);
        File.WriteAllBytes(RetrievalIndex.PathFor(path), new byte[5000]);
        tiny.Open(folder, notes: notes).Dispose();
        Assert.Contains("making it again from the memory", Assert.Single(notes));
    }

    private static void Flip(FileStream file, int at)
    {
        file.Position = at;
        int found = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(found ^ 0x08));
    }

    private void AssertUndisturbed(DocumentMemory memory)
    {
        Assert.True(memory.File.Complete);
        Assert.True(tiny.Bytes.AsSpan().SequenceEqual(File.ReadAllBytes(memory.File.FilePath)), "the memory has other bytes");
        Assert.True(tiny.IndexBytes.AsSpan().SequenceEqual(File.ReadAllBytes(RetrievalIndex.PathFor(memory.File.FilePath))), "the index has other bytes");
    }
}
