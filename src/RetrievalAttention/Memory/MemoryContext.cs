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
        int[] counts = [.. blocks.Select(memory.TokensOf)];
        foreach ((int layer, (Tensor keys, Tensor values)) in memory.ReadByLayer(blocks, layers ?? decoder.Config.Layers).Index())
        {
            using var layerScope = NewDisposeScope();
            layerScope.Attach(keys, values);
            Write(context, decoder, layer, WithoutPadding(keys, counts), WithoutPadding(values, counts));
        }
        context.Advance(counts.Sum());
        context.Remember(counts.Sum());

        List<(int Start, int End)> spans = [];
        int at = context.Length - counts.Sum();
        foreach (int count in counts)
        {
            spans.Add((at, at + count));
            at += count;
        }
        return spans;
    }

    /// <summary>
    /// Appends a run of adjacent blocks whose first tokens are run again where they now stand: read behind what they now follow, they lead over to the stored ones (CacheBlend,
    /// Yao et al. 2024, which runs those again that deviate most).
    /// </summary>
    /// <param name="rerun">Share of the run's tokens, above 0.</param>
    /// <returns>The range of positions of each block.</returns>
    public static IReadOnlyList<(int Start, int End)> AppendRun(AttentionContext context, Decoder decoder, MemoryFile memory, IReadOnlyList<int> run, double rerun)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        int start = context.Length;
        int[] counts = [.. run.Select(memory.TokensOf)];
        long[] ids = [.. run.SelectMany(memory.ReadTokens).Select(token => (long)token.Id)];
        int again = (int)Math.Ceiling(ids.Length * rerun);
        decoder.Forward(tensor(ids[..again]), context);
        context.Remember(again);
        (Tensor keys, Tensor values) = memory.Read(run);
        // [n, L, G, 64, D] to [L, G, T, D]; only a last block is short.
        Tensor Rest(Tensor blocks) => cat([.. Enumerable.Range(0, run.Count).Select(i => blocks[i])], 2).narrow(2, again, ids.Length - again).to(decoder.Device);
        if (again < ids.Length)
        {
            AppendTokens(context, decoder, Rest(keys), Rest(values));
            context.Remember(ids.Length - again);
        }
        return [.. counts.Select((count, i) => (start + counts[..i].Sum(), start + counts[..i].Sum() + count))];
    }

    /// <summary>Appends keys (before rotary embedding) and values [L, G, T, D] to a context, at its next positions; L may be the first layers only, where no more are run.</summary>
    public static void AppendTokens(AttentionContext context, Decoder decoder, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        for (int layer = 0; layer < keys.shape[0]; layer++) Write(context, decoder, layer, keys[layer], values[layer]);
        context.Advance((int)keys.shape[2]);
    }

    /// <summary>
    /// Exchanges what stands at the positions from <paramref name="start"/> to <paramref name="end"/>. What stands behind is not run again: it stays as it is when the new part is
    /// as long as the old one, and is turned to its new positions otherwise.
    /// </summary>
    /// <param name="tokens">Length of the new part.</param>
    /// <param name="append">Appends the new part to the context, which then ends at <paramref name="start"/>.</param>
    public static void Replace(AttentionContext context, Decoder decoder, int start, int end, int tokens, Action append)
    {
        int behind = context.Length - end;
        bool stays = tokens == end - start || behind == 0;
        using var scope = NewDisposeScope();
        (Tensor Keys, Tensor Values)? moved = stays ? null : Copy(context, decoder, end, behind);
        context.Truncate(start);
        append();
        if (context.Length != start + tokens) throw new InvalidOperationException($"{context.Length - start} tokens were appended, {tokens} were announced.");
        if (moved is { } tail) AppendTokens(context, decoder, tail.Keys, tail.Values);
        else context.Advance(behind);
    }

    /// <summary>Keys (before rotary embedding) and values [L, G, T, D] of the tokens that stand at positions of a context. The caller owns them.</summary>
    public static (Tensor Keys, Tensor Values) Copy(AttentionContext context, Decoder decoder, int start, int tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        int[] layers = [.. Enumerable.Range(0, decoder.Config.Layers)];
        Tensor keys = stack([.. layers.Select(layer => context.Keys(layer).narrow(1, start, tokens))], 0);
        Tensor values = stack([.. layers.Select(layer => context.Values(layer).narrow(1, start, tokens))], 0);
        return (decoder.Rope.RotateBack(keys, start).MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    private static void Write(AttentionContext context, Decoder decoder, int layer, Tensor keys, Tensor values) =>
        context.Write(layer, decoder.Rope.Rotate(keys.to(decoder.Device), context.Length), values.to(decoder.Device));

    /// <summary>[n, 1, G, 64, D] to [G, Σ counts, D].</summary>
    private static Tensor WithoutPadding(Tensor blocks, int[] counts) =>
        cat([.. counts.Select((count, i) => blocks[i, 0].narrow(1, 0, count))], 1);
}
