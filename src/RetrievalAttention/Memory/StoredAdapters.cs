using System.Runtime.InteropServices;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary><see cref="QueryAdapters"/> in a file: float32, little-endian, which JSON holds as base64.</summary>
/// <param name="Rank">R.</param>
/// <param name="Down">[L, R, E].</param>
/// <param name="Up">[L, H * D, R].</param>
public sealed record StoredAdapters(int Rank, byte[] Down, byte[] Up)
{
    public static StoredAdapters Of(QueryAdapters adapters)
    {
        using var scope = NewDisposeScope();
        static byte[] Bytes(Tensor tensor) => MemoryMarshal.AsBytes<float>(tensor.detach().cpu().contiguous().data<float>().ToArray()).ToArray();
        return new StoredAdapters((int)adapters.Down.shape[1], Bytes(adapters.Down), Bytes(adapters.Up));
    }

    /// <param name="size">E.</param>
    /// <param name="queries">H * D.</param>
    public bool Fits(int layers, int size, int queries) =>
        Rank > 0 && Down?.Length == layers * Rank * size * sizeof(float) && Up?.Length == layers * queries * Rank * sizeof(float);

    /// <summary>The caller owns them.</summary>
    public QueryAdapters On(Device device, int layers)
    {
        Tensor Read(byte[] bytes, long rows, long columns) =>
            tensor(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), [layers, rows, columns], device: device).DetachFromDisposeScope();
        long numbers = layers * Rank * sizeof(float);
        return new QueryAdapters(Read(Down, Rank, Down.Length / numbers), Read(Up, Up.Length / numbers, Rank));
    }
}
