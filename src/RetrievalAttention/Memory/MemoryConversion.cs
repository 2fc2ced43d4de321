using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// Brings a memory into a smaller format without reading the document again: blocks are decoded and encoded. The result is not the same, byte for byte, as
/// reading in that format, for there each step sees what the steps before it were rounded to.
/// </summary>
internal static class MemoryConversion
{
    /// <summary>Blocks that are decoded at once.</summary>
    private const int Batch = 8;

    /// <exception cref="ProblemException">The format is not smaller than the file's, or the file is not complete.</exception>
    public static void Check(MemoryFile source, MemoryFormat format, string title)
    {
        if (format == source.Fingerprint.Format) throw new ProblemException(ProblemKind.Setting, $"The memory of '{title}' is {Name(format)} already.");
        if (!source.Codec.HoldsAll)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"The memory of '{title}' is of the format keys: the other keys and the values were never kept. Set Memory:Format to {Name(format)} and read the document anew: ra ask … --reread");
        }
        if (format <= source.Fingerprint.Format)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"The memory of '{title}' is {Name(source.Fingerprint.Format)}; {Name(format)} would not make it smaller, and what rounding took away does not come back. "
                + "Formats can be made smaller only: float16 to int8 or int4, int8 to int4, each of them to keys.");
        }
        if (!source.Complete)
        {
            throw new ProblemException(ProblemKind.Index,
                $"The memory of '{title}' holds {source.Tokens:N0} of {source.Fingerprint.Tokens:N0} tokens. Let the document be read to its end first (ra ingest, ra worker or ra ask), then convert it.");
        }
    }

    /// <summary>Writes a new file; whoever calls gives it its place when it is complete.</summary>
    /// <param name="keys">See <see cref="MemoryFingerprint.Keys"/>.</param>
    /// <exception cref="DamagedBlockException">A block of the source is damaged.</exception>
    public static void Write(MemoryFile source, MemoryFormat format, string? keys, string path, string title, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        File.Delete(path);
        using MemoryFile target = MemoryFile.Create(path, source.Fingerprint.In(format, keys));
        for (int first = 0; first < source.Blocks; first += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Converting {title}", first, source.Blocks, "blocks"));
            using var scope = NewDisposeScope();
            int[] blocks = [.. Enumerable.Range(first, Math.Min(Batch, source.Blocks - first))];
            (Tensor blockKeys, Tensor values) = source.Read(blocks);
            IReadOnlyList<TextToken> tokens = [.. blocks.SelectMany(source.ReadTokens)];
            target.Append(tokens, target.Codec.Encode(blockKeys, values));
        }
        target.Flush();
        progress?.Report(new WorkProgress($"Converting {title}", source.Blocks, source.Blocks, "blocks"));
    }

    public static string Name(MemoryFormat format) => format.ToString().ToLowerInvariant();
}
