using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>The first look over books in memory by all signals together. Keeps the books of the last shelf prepared; several threads may ask about those at once.</summary>
/// <param name="embedder">Called when the first book is prepared.</param>
public sealed class BlockFinder(LoadedModel model, Func<SentenceEmbedder> embedder, PassageOptions passages) : IDisposable
{
    private readonly Dictionary<DocumentMemory, DocumentSearch> _prepared = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc cref="Prepare(MemoryShelf, IProgress{WorkProgress}?, CancellationToken)"/>
    public void Prepare(DocumentMemory memory, IProgress<WorkProgress>? progress, CancellationToken cancellation) => Prepare(new MemoryShelf(memory), progress, cancellation);

    /// <summary>Counts words and opens or makes the embeddings of books, so that questions about them start at once.</summary>
    public void Prepare(MemoryShelf shelf, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        foreach (DocumentMemory gone in _prepared.Keys.Where(book => !shelf.Books.Contains(book, ReferenceEqualityComparer.Instance)).ToArray())
        {
            _prepared.Remove(gone, out DocumentSearch? search);
            search!.Dispose();
        }
        foreach (DocumentMemory book in shelf.Books)
            if (!_prepared.ContainsKey(book)) _prepared[book] = DocumentSearch.Prepare(book, model, embedder(), passages, progress, cancellation);
    }

    /// <summary>A <see cref="RankBlocks"/>: all blocks, best first.</summary>
    public IReadOnlyList<int> Rank(MemoryShelf shelf, string question) => RankAll(shelf, question).Fused;

    /// <summary>Usual hybrid retrieval, to compare with: words and embeddings by equal reciprocal ranks, without attention and without titles.</summary>
    public IReadOnlyList<int> RankHybrid(MemoryShelf shelf, string question) =>
    [
        .. Fusion.Fuse([.. RankAll(shelf, question, attention: false).Signals
                .Select(signal => new RankedSignal(signal.Kind.ToString(), 1, [.. signal.Found.Select(scored => scored.Id)]))])
            .Select(match => (int)match.Id),
    ];

    /// <summary>The one book that <see cref="BookChoice"/> would choose, to compare with: its index on the shelf; null when no book has a word of the question.</summary>
    public int? ChooseBook(MemoryShelf shelf, string question)
    {
        IReadOnlyList<Scored> words = RankAll(shelf, question, attention: false).Signals.Single(signal => signal.Kind == SignalKind.Words).Found;
        return BookChoice.Rank(words.Select(found => ((long)shelf.Locate((int)found.Id).Book, found.Score))).Select(book => (int?)book).FirstOrDefault();
    }

    public void Dispose()
    {
        foreach (DocumentSearch search in _prepared.Values) search.Dispose();
    }

    /// <summary>What every signal found, and all together.</summary>
    private BlockRanking RankAll(MemoryShelf shelf, string question, bool attention = true)
    {
        Prepare(shelf, progress: null, CancellationToken.None);
        return DocumentSearch.RankTogether([.. shelf.Books.Select(book => _prepared[book])], question, attention);
    }
}
