using RetrievalAttention.Memory;
using RetrievalAttention.Memory.OnDevice;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory.OnDevice;

public class DevicePlanTests
{
    private const int Blocks = 1000;
    private const long KeyBytes = 10_000_000;

    private static readonly KvShape Shape = new(Layers: 30, KvHeads: 3, HeadSize: 64, Kept: [(18, 0)]);
    private static readonly KvCodec Int4 = KvCodec.For(MemoryFormat.Int4, Shape);
    private static readonly long Decoded = (long)KvCodec.For(MemoryFormat.Float16, Shape).BytesPerBlock * Blocks;
    private static readonly long Stored = (long)Int4.BytesPerBlock * Blocks;

    [Fact]
    public void ABookThatFitsIsKeptReadyToAttendTo() =>
        Assert.Equal(new DevicePlan(true, MemoryFormat.Float16, Blocks), Plan(2 * (Decoded + KeyBytes)));

    [Fact]
    public void ABookThatDoesNotIsKeptAsItIsStored() =>
        Assert.Equal(new DevicePlan(true, MemoryFormat.Int4, Blocks), Plan(2 * (Decoded + KeyBytes) - 2));

    [Fact]
    public void AsMuchOfItAsFitsAndNeverMoreThanHalfOfWhatIsFree()
    {
        DevicePlan plan = Plan(Stored);
        Assert.Equal((true, MemoryFormat.Int4), (plan.Keys, plan.Format));
        Assert.InRange(plan.Blocks * (long)Int4.BytesPerBlock + KeyBytes, Stored / 2 - Int4.BytesPerBlock, Stored / 2);
    }

    [Fact]
    public void WithoutRoomForTheKeysTheProcessorScansThem()
    {
        DevicePlan plan = Plan(2 * KeyBytes - 2);
        Assert.False(plan.Keys);
        Assert.InRange(plan.Blocks, 1, Blocks - 1);
        Assert.Equal(new DevicePlan(false, MemoryFormat.Int4, 0), Plan(0));
    }

    [Fact]
    public void WhereTheDriverDoesNotSayEverythingIsTakenToFit() => Assert.Equal(new DevicePlan(true, MemoryFormat.Float16, Blocks), Plan(null));

    [Fact]
    public void KeysAloneHaveNoBlocksToKeep() =>
        Assert.Equal(new DevicePlan(true, MemoryFormat.Keys, 0), DevicePlan.For(long.MaxValue, KeyBytes, Blocks, KvCodec.For(MemoryFormat.Keys, Shape), Shape));

    [Fact]
    public void TheProcessorHasNoMemoryOfItsOwn() => Assert.Null(DeviceMemory.Free(CPU));

    private static DevicePlan Plan(long? free) => DevicePlan.For(free, KeyBytes, Blocks, Int4, Shape);
}
