using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>The first look over documents in memory by all signals together. Keeps the document that was asked about last prepared. Not safe for several threads.</summary>
/// <param name="embedder">Called when the first document is prepared.</param>
public sealed class BlockFinder(LoadedModel model, Func<SentenceEmbedder> embedder, PassageOptions passages) : IDisposable
{
    private DocumentMemory? _memory;
    private DocumentSearch? _search;

    /// <summary>Counts words and opens or makes the embeddings of a document, so that questions about it start at once.</summary>
    public void Prepare(DocumentMemory memory, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (ReferenceEquals(memory, _memory)) return;
        _search?.Dispose();
        (_memory, _search) = (null, null);
        _search = DocumentSearch.Prepare(memory, model, embedder(), passages, progress, cancellation);
        _memory = memory;
    }

    /// <summary>A <see cref="RankBlocks"/>: all blocks, best first.</summary>
    public IReadOnlyList<int> Rank(DocumentMemory memory, string question) => Prepared(memory).Rank(question).Fused;

    /// <summary>Usual hybrid retrieval, to compare with: words and embeddings by equal reciprocal ranks, without attention and without titles.</summary>
    public IReadOnlyList<int> RankHybrid(DocumentMemory memory, string question) =>
    [
        .. Fusion.Fuse([.. Prepared(memory).Rank(question).Signals.Where(signal => signal.Kind != SignalKind.Attention)
                .Select(signal => new RankedSignal(signal.Kind.ToString(), 1, [.. signal.Found.Select(scored => scored.Id)]))])
            .Select(match => (int)match.Id),
    ];

    public void Dispose() => _search?.Dispose();

    private DocumentSearch Prepared(DocumentMemory memory)
    {
        Prepare(memory, progress: null, CancellationToken.None);
        return _search!;
    }
}
