using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>Packs stored blocks behind a header, in document order, as if they were adjacent (design section 3).</summary>
public static class MemoryContext
{
    /// <summary>Appends blocks of a memory to a context, rotated to the positions where they now stand.</summary>
    /// <returns>The range of positions of each block, in the order of <paramref name="blocks"/>.</returns>
    public static IReadOnlyList<(int Start, int End)> Append(AttentionContext context, Decoder decoder, MemoryFile memory, IReadOnlyList<int> blocks)
    {
        if (blocks.Count == 0) return [];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        (Tensor keys, Tensor values) = memory.Read(blocks);
        int[] counts = [.. blocks.Select(block => Math.Min(KvCodec.BlockTokens, memory.Tokens - block * KvCodec.BlockTokens))];
        AppendTokens(context, decoder, WithoutPadding(keys, counts), WithoutPadding(values, counts));

        List<(int Start, int End)> spans = [];
        int at = context.Length - counts.Sum();
        foreach (int count in counts)
        {
            spans.Add((at, at + count));
            at += count;
        }
        return spans;
    }

    /// <summary>Appends keys (before rotary embedding) and values [L, G, T, D] to a context, at its next positions.</summary>
    public static void AppendTokens(AttentionContext context, Decoder decoder, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        Tensor onDevice = keys.to(decoder.Device), rotated = decoder.Rope.Rotate(onDevice, context.Length);
        Tensor valuesOnDevice = values.to(decoder.Device);
        for (int layer = 0; layer < decoder.Config.Layers; layer++) context.Write(layer, rotated[layer], valuesOnDevice[layer]);
        context.Advance((int)keys.shape[2]);
    }

    /// <summary>[n, L, G, 64, D] to [L, G, Σ counts, D].</summary>
    private static Tensor WithoutPadding(Tensor blocks, int[] counts) =>
        cat([.. counts.Select((count, i) => blocks[i].narrow(2, 0, count))], 2);
}
