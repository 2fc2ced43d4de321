using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;
using TorchSharp;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Embeddings of one document's passages, mapped to its blocks. Kept in a file beside the document's memory.</summary>
public sealed class PassageVectors : IDisposable
{
    private const string Extension = ".passages";

    private readonly ExactVectorIndex _index;
    private readonly SentenceEmbedder _embedder;

    private PassageVectors(ExactVectorIndex index, SentenceEmbedder embedder) => (_index, _embedder) = (index, embedder);

    /// <summary>Opens the vectors beside a memory; embeds the passages when they are missing, damaged or another embedder's.</summary>
    /// <param name="memoryPath">Path of the memory file; null to keep nothing.</param>
    /// <exception cref="OperationCanceledException">Stopped; nothing was kept.</exception>
    public static PassageVectors OpenOrEmbed(
        string? memoryPath, DocumentBlocks blocks, SentenceEmbedder embedder, PassageOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        VectorIdentity identity = new($"{embedder.Hash} {options}", embedder.Dimensions);
        string? path = memoryPath is null ? null : memoryPath + Extension;
        if (path is not null && TryOpen(path, identity) is { } kept) return new PassageVectors(kept, embedder);

        IReadOnlyList<Passage> passages = PassageSplitter.Split(blocks.Document, embedder.CountTokens, options);
        IReadOnlyList<float[]> vectors = embedder.Embed([.. passages.Select(passage => passage.EmbeddedText)], EmbeddingPurpose.Passage, progress, cancellation);
        ExactVectorIndex index = ExactVectorIndex.Create(identity, torch.CPU);
        index.Add([.. passages.Select(passage => IdOf(new TextRange(passage.Start, passage.End)))], vectors);
        if (path is not null) TrySave(index, path);
        return new PassageVectors(index, embedder);
    }

    /// <summary>Score of every block: the cosines of the passages that overlap it, by their shares of the block; -1 where no passage is.</summary>
    /// <param name="query">The question, embedded by <see cref="EmbedQuestion"/>.</param>
    public double[] Score(float[] query, DocumentBlocks blocks)
    {
        double[] sums = new double[blocks.Count], overlaps = new double[blocks.Count];
        if (blocks.Count == 0) return sums;
        foreach (VectorMatch match in _index.Search(query, _index.Count))
        {
            TextRange passage = RangeOf(match.Id);
            (int first, int last) = blocks.Overlapping(passage);
            for (int block = first; block <= last; block++)
            {
                double overlap = Math.Max(0, Math.Min(passage.End, blocks.Ranges[block].End) - Math.Max(passage.Start, blocks.Ranges[block].Start));
                sums[block] += overlap * match.Score;
                overlaps[block] += overlap;
            }
        }
        return [.. sums.Zip(overlaps, (sum, overlap) => overlap > 0 ? sum / overlap : -1)];
    }

    public float[] EmbedQuestion(string question) => _embedder.Embed([question], EmbeddingPurpose.Query)[0];

    /// <summary>Weights of the signals for a question.</summary>
    public SignalWeights WeightsFor(string question) => SignalWeights.For(question, _embedder);

    public void Dispose() => _index.Dispose();

    /// <summary>An index that cannot be used is made again; it is only a copy of what the document says.</summary>
    private static ExactVectorIndex? TryOpen(string path, VectorIdentity identity)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return ExactVectorIndex.Open(path, identity, torch.CPU);
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Index)
        {
            return null;
        }
    }

    /// <summary>Where the folder is read-only the vectors stay in memory, and are made again next time.</summary>
    private static void TrySave(ExactVectorIndex index, string path)
    {
        try
        {
            index.Save(path);
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Environment)
        {
            // Only time is lost.
        }
    }

    /// <summary>A passage is known by its range, so that the index says all that is needed.</summary>
    private static long IdOf(TextRange range) => ((long)range.Start << 32) | (uint)range.End;

    private static TextRange RangeOf(long id) => new((int)(id >> 32), (int)id);
}
