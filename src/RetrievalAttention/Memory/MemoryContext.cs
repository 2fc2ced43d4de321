using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>Packs stored blocks behind a header, in document order, as if they were adjacent (design section 3).</summary>
public static class MemoryContext
{
    /// <summary>Appends blocks of a memory to a context, rotated to the positions where they now stand.</summary>
    /// <param name="layers">How many layers will look at them, from the first; null for all.</param>
    /// <returns>The range of positions of each block, in the order of <paramref name="blocks"/>.</returns>
    public static IReadOnlyList<(int Start, int End)> Append(AttentionContext context, Decoder decoder, MemoryFile memory, IReadOnlyList<int> blocks, int? layers = null)
    {
        if (blocks.Count == 0) return [];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        int[] counts = [.. blocks.Select(block => Math.Min(KvCodec.BlockTokens, memory.Tokens - block * KvCodec.BlockTokens))];
        foreach ((int layer, (Tensor keys, Tensor values)) in memory.ReadByLayer(blocks, layers ?? decoder.Config.Layers).Index())
        {
            using var layerScope = NewDisposeScope();
            layerScope.Attach(keys, values);
            Write(context, decoder, layer, WithoutPadding(keys, counts), WithoutPadding(values, counts));
        }
        context.Advance(counts.Sum());

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
        for (int layer = 0; layer < decoder.Config.Layers; layer++) Write(context, decoder, layer, keys[layer], values[layer]);
        context.Advance((int)keys.shape[2]);
    }

    private static void Write(AttentionContext context, Decoder decoder, int layer, Tensor keys, Tensor values) =>
        context.Write(layer, decoder.Rope.Rotate(keys.to(decoder.Device), context.Length), values.to(decoder.Device));

    /// <summary>[n, 1, G, 64, D] to [G, Σ counts, D].</summary>
    private static Tensor WithoutPadding(Tensor blocks, int[] counts) =>
        cat([.. counts.Select((count, i) => blocks[i, 0].narrow(1, 0, count))], 1);
}
