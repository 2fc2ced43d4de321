using static TorchSharp.torch;

namespace RetrievalAttention.Memory.OnDevice;

/// <summary>What of a book is kept in the memory of a GPU.</summary>
/// <param name="Keys">The retrieval heads' keys, scanned there; otherwise the processor scans them.</param>
/// <param name="Format">Of the blocks: float16, ready to attend to, where the whole book fits; otherwise as they are stored.</param>
/// <param name="Blocks">Most blocks that are kept; 0 keeps none.</param>
internal sealed record DevicePlan(bool Keys, MemoryFormat Format, int Blocks)
{
    /// <summary>Share of what is free that one book may take: half of it is for contexts and for the next book.</summary>
    private const double ShareOfABook = 0.5;

    /// <param name="freeBytes">Of the device; null where it is not known: then everything is taken to fit, and libtorch says when it does not.</param>
    /// <param name="keyBytes">Of the retrieval heads' keys on the device.</param>
    public static DevicePlan For(long? freeBytes, long keyBytes, int blocks, KvCodec codec, KvShape shape)
    {
        double room = ShareOfABook * (freeBytes ?? double.PositiveInfinity);
        bool keys = keyBytes <= room;
        if (keys) room -= keyBytes;
        if (!codec.HoldsAll) return new DevicePlan(keys, codec.Format, 0);
        double decoded = (double)KvCodec.For(MemoryFormat.Float16, shape).BytesPerBlock * blocks;
        return decoded <= room
            ? new DevicePlan(keys, MemoryFormat.Float16, blocks)
            : new DevicePlan(keys, codec.Format, (int)Math.Min(blocks, room / codec.BytesPerBlock));
    }

    /// <summary>The plan for a book on a device; null for the processor, which reads the mapped file.</summary>
    public static DevicePlan? For(Device device, MemoryFile file, long keyBytes) => device.type == TorchSharp.DeviceType.CPU
        ? null
        : For(DeviceMemory.Free(device), keyBytes, file.Blocks, file.Codec, KvShape.Of(file.Fingerprint));
}
