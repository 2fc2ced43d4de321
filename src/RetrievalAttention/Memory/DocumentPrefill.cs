using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// Reads a document into a memory file (design section 1): steps of 512 tokens, each of which sees header | the 1024 tokens before the step | the step,
/// causally, at positions that restart with every step, so that none exceeds the trained length.
/// </summary>
/// <remarks>
/// The window is always what the file holds (after its rounding), never what was just computed. So a reading that was stopped at any block and goes
/// on later gives the same bytes as one that was not. A file that does not hold the window (format keys) is read in stretches for that: each begins with a window that was
/// read anew, and a reading that was stopped goes on at the last one.
/// </remarks>
public sealed class DocumentPrefill(Decoder decoder, HeaderContext header, int window, int step)
{
    /// <summary>Steps of a stretch.</summary>
    private const int StretchSteps = 64;

    /// <summary>Reads from where the file ends to the end of the document.</summary>
    /// <param name="tokens">All N tokens of the document.</param>
    /// <param name="onStep">Given the first token's index and the hidden states [T, E] of each step; for measuring perplexity.</param>
    /// <param name="onStored">Called when a step has been appended to the file.</param>
    /// <returns>Tokens read, of which the last few of an interrupted step may have been there before.</returns>
    /// <exception cref="OperationCanceledException">Stopped; what is in the file stays and is gone on with next time.</exception>
    public int Run(
        IReadOnlyList<TextToken> tokens, MemoryFile file, IProgress<WorkProgress>? progress, string task, CancellationToken cancellation,
        Action<int, Tensor>? onStep = null, Action<MemoryFile>? onStored = null)
    {
        int unit = file.Codec.HoldsAll ? step : StretchSteps * step;
        if (file.Blocks % (unit / KvCodec.BlockTokens) != 0 && !file.Complete) file.Truncate(file.Blocks - file.Blocks % (unit / KvCodec.BlockTokens));
        int alreadyRead = file.Tokens;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using AttentionContext context = header.NewContext(window + step);
        (Tensor keys, Tensor values) = file.Codec.HoldsAll ? LastTokens(file) : NoTokens(file.Codec);
        while (file.Tokens < tokens.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress(task, file.Tokens, tokens.Count, "tokens", alreadyRead));
            if (!file.Codec.HoldsAll && file.Tokens % unit == 0)
            {
                keys.Dispose();
                values.Dispose();
                (keys, values) = ReadWindow(tokens, file, context, cancellation);
            }
            (keys, values) = ReadStep(tokens, file, context, keys, values, onStep, cancellation);
            onStored?.Invoke(file);
        }
        file.Flush();
        progress?.Report(new WorkProgress(task, file.Tokens, tokens.Count, "tokens", alreadyRead));
        return file.Tokens - alreadyRead;
    }

    /// <summary>Reads one step and appends it; returns the window for the next: keys (before rotary embedding) and values [L, G, W, D].</summary>
    private (Tensor Keys, Tensor Values) ReadStep(
        IReadOnlyList<TextToken> tokens, MemoryFile file, AttentionContext context, Tensor windowKeys, Tensor windowValues, Action<int, Tensor>? onStep, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        int first = file.Tokens, count = Math.Min(step, tokens.Count - first);
        TextToken[] own = [.. tokens.Skip(first).Take(count)];
        (Tensor keys, Tensor values) = Pass(own, context, windowKeys, windowValues, file.Codec.LayersRead, hidden => onStep?.Invoke(first, hidden), cancellation);
        Tensor[] encoded = file.Codec.Encode(ToBlocks(keys), ToBlocks(values));
        file.Append(own, encoded);
        if (file.Codec.HoldsAll)
        {
            (Tensor storedKeys, Tensor storedValues) = file.Codec.Decode(encoded);
            (keys, values) = (FromBlocks(storedKeys, count), FromBlocks(storedValues, count));
        }
        (Tensor nextKeys, Tensor nextValues) = (Rolled(windowKeys, keys), Rolled(windowValues, values));
        windowKeys.Dispose();
        windowValues.Dispose();
        return (nextKeys.MoveToOuterDisposeScope(), nextValues.MoveToOuterDisposeScope());
    }

    /// <summary>The window of the next step for a file that does not hold it, read without anything before it.</summary>
    private (Tensor Keys, Tensor Values) ReadWindow(IReadOnlyList<TextToken> tokens, MemoryFile file, AttentionContext context, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        (Tensor keys, Tensor values) = NoTokens(file.Codec);
        for (int first = Math.Max(0, file.Tokens - window), count; first < file.Tokens; first += count)
        {
            count = Math.Min(step, file.Tokens - first);
            (Tensor addedKeys, Tensor addedValues) = Pass([.. tokens.Skip(first).Take(count)], context, keys, values, file.Codec.LayersRead, _ => { }, cancellation);
            (keys, values) = (Rolled(keys, addedKeys), Rolled(values, addedValues));
        }
        return (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    /// <summary>Runs tokens behind header and window; returns their keys (before rotary embedding) and values [L', G, T, D].</summary>
    private (Tensor Keys, Tensor Values) Pass(
        TextToken[] own, AttentionContext context, Tensor windowKeys, Tensor windowValues, int layers, Action<Tensor> onHidden, CancellationToken cancellation)
    {
        context.Truncate(header.Length);
        if (windowKeys.shape[2] > 0) MemoryContext.AppendTokens(context, decoder, windowKeys, windowValues);
        using KeyValueCapture capture = new(cancellation);
        onHidden(decoder.Forward(tensor(own.Select(token => (long)token.Id).ToArray()), context, capture, layers));
        return capture.Take();
    }

    /// <summary>The last tokens of both, as many as the window holds.</summary>
    private Tensor Rolled(Tensor old, Tensor added)
    {
        Tensor all = cat([old, added], 2);
        long kept = Math.Min(window, all.shape[2]);
        return all.narrow(2, all.shape[2] - kept, kept).contiguous();
    }

    private (Tensor Keys, Tensor Values) LastTokens(MemoryFile file)
    {
        int blocks = Math.Min(file.Blocks, window / KvCodec.BlockTokens);
        if (blocks == 0) return NoTokens(file.Codec);
        (Tensor keys, Tensor values) = file.Read([.. Enumerable.Range(file.Blocks - blocks, blocks)]);
        return (FromBlocks(keys, blocks * KvCodec.BlockTokens).to(decoder.Device), FromBlocks(values, blocks * KvCodec.BlockTokens).to(decoder.Device));
    }

    private (Tensor Keys, Tensor Values) NoTokens(KvCodec codec)
    {
        Tensor None() => zeros([codec.LayersRead, decoder.Config.KvHeads, 0, decoder.Config.HeadSize], float32, decoder.Device);
        return (None(), None());
    }

    /// <summary>[L, G, T, D] to [n, L, G, 64, D]; a short last block is filled up with its last token.</summary>
    private static Tensor ToBlocks(Tensor x)
    {
        long missing = -x.shape[2] & (KvCodec.BlockTokens - 1);
        Tensor whole = missing == 0 ? x : cat([x, x.narrow(2, x.shape[2] - 1, 1).expand(x.shape[0], x.shape[1], missing, x.shape[3])], 2);
        return whole.reshape(x.shape[0], x.shape[1], -1, KvCodec.BlockTokens, x.shape[3]).permute(2, 0, 1, 3, 4).contiguous();
    }

    /// <summary>[n, L, G, 64, D] to [L, G, tokens, D].</summary>
    private static Tensor FromBlocks(Tensor blocks, int tokens) =>
        blocks.permute(1, 2, 0, 3, 4).reshape(blocks.shape[1], blocks.shape[2], -1, blocks.shape[4]).narrow(2, 0, tokens);
}
