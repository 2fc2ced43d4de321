using RetrievalAttention.Memory;
using RetrievalAttention.Memory.OnDevice;
using RetrievalAttention.Models;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory.OnDevice;

/// <summary>The processor stands for the device: what is kept and what comes back does not depend on where it is kept.</summary>
public class DeviceBlocksTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Fact]
    public void BlocksComeBackAsTheFileHasThem()
    {
        using MemoryFile file = MemoryFile.OpenAsMade(tiny.Path);
        using DeviceBlocks kept = new(file, CPU, new DevicePlan(true, MemoryFormat.Int8, tiny.Blocks));
        foreach (int[] blocks in (int[][])[[0, 3], [3, 1, 0], [tiny.Blocks - 1]]) Assert.Equal(0, Difference(file, kept, blocks));
        Assert.Equal(4, kept.Count);
    }

    [Fact]
    public void ReadyToAttendToTheyDifferByTheRoundingOfFloat16()
    {
        using MemoryFile file = MemoryFile.OpenAsMade(tiny.Path);
        using DeviceBlocks kept = new(file, CPU, new DevicePlan(true, MemoryFormat.Float16, tiny.Blocks));
        Assert.InRange(Difference(file, kept, [2, 0]), 0, 1.0 / 2048);
    }

    [Fact]
    public void WhereNotAllFitTheLongestUnusedMakesRoomAndEveryReadIsWhole()
    {
        using MemoryFile file = MemoryFile.OpenAsMade(tiny.Path);
        using DeviceBlocks kept = new(file, CPU, new DevicePlan(true, MemoryFormat.Int8, 2));
        foreach (int[] blocks in (int[][])[[0, 1, 2, 3], [2, 3], [3, 0], [0, 1, 2]])
        {
            Assert.Equal(0, Difference(file, kept, blocks));
            Assert.Equal(2, kept.Count);
        }
    }

    [Fact]
    public void ADamagedBlockIsNotKept()
    {
        (_, string path) = tiny.NewFolderWith(file =>
        {
            file.Position = 4096 + tiny.RecordBytes + 2000;
            file.WriteByte(77);
            file.WriteByte(78);
        });
        using MemoryFile file = MemoryFile.OpenAsMade(path);
        using DeviceBlocks kept = new(file, CPU, new DevicePlan(true, MemoryFormat.Int8, tiny.Blocks));
        Assert.Equal(1, Assert.Throws<DamagedBlockException>(() => kept.Read([0, 1])).Block);
        Assert.Equal(0, kept.Count);
    }

    [Fact]
    public void AMemoryWhoseBlocksAreKeptIsAttendedToAsBefore()
    {
        using MemoryFile file = MemoryFile.OpenAsMade(tiny.Path), onDevice = MemoryFile.OpenAsMade(tiny.Path);
        onDevice.KeepOn(CPU, new DevicePlan(true, MemoryFormat.Int8, tiny.Blocks));
        using AttentionContext expected = Context(file), actual = Context(onDevice);
        for (int layer = 0; layer < 2; layer++)
        {
            using var scope = NewDisposeScope();
            Assert.True(expected.Keys(layer).equal(actual.Keys(layer)).all().item<bool>());
            Assert.True(expected.Values(layer).equal(actual.Values(layer)).all().item<bool>());
        }
    }

    private AttentionContext Context(MemoryFile file)
    {
        AttentionContext context = tiny.Model.Header.NewContext(3 * KvCodec.BlockTokens);
        MemoryContext.Append(context, tiny.Model.Decoder, file, [1, 4, tiny.Blocks - 1], layers: 2);
        return context;
    }

    /// <summary>Largest difference of keys and values, relative to the largest number.</summary>
    private static double Difference(MemoryFile file, DeviceBlocks kept, int[] blocks)
    {
        using var scope = NewDisposeScope();
        (Tensor keys, Tensor values) = file.Read(blocks);
        (Tensor keptKeys, Tensor keptValues) = kept.Read(blocks);
        return Math.Max(Relative(keys, keptKeys), Relative(values, keptValues));
    }

    private static double Relative(Tensor expected, Tensor actual) => ((expected - actual).abs().max() / expected.abs().max()).item<float>();
}
