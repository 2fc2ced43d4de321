using RetrievalAttention.Catalog;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Attention over the books of a library that were read into memory. Opened books stay open. Not safe for several threads.</summary>
/// <param name="model">Called when the first book with a memory is looked at, for opening it takes time.</param>
public sealed class LibraryAttention(Library library, MemoryStore memories, Func<LoadedModel> model) : IDisposable
{
    private readonly Dictionary<long, Book?> _books = [];

    /// <summary>Passages of the books that have memory, best first; each score is the mean over the blocks that it overlaps, by their shares of it.</summary>
    public IReadOnlyList<Scored> Search(string question, IEnumerable<long> documents, Func<long, bool> filter)
    {
        using var scope = torch.NewDisposeScope();
        // Read once, when the first book has a memory.
        Lazy<Tensor[]> queries = new(() => BlockSearch.QueriesOf(model(), question));
        return
        [
            .. documents.SelectMany(document => SearchBook(question, document, queries)).Where(scored => filter(scored.Id))
                .OrderByDescending(scored => scored.Score).Take(SignalFusion.Depth),
        ];
    }

    public void Dispose()
    {
        foreach (Book? book in _books.Values) book?.Memory.Dispose();
    }

    private IEnumerable<Scored> SearchBook(string question, long document, Lazy<Tensor[]> queries)
    {
        if (!_books.TryGetValue(document, out Book? book)) _books[document] = book = Open(document);
        if (book is null) return [];
        double[] scores = book.Attention.Score(question, queries.Value);
        return book.Passages.Select(passage => new Scored(passage.Id, MeanOver(book.Blocks, scores, passage.Range)));
    }

    private static double MeanOver(DocumentBlocks blocks, double[] scores, TextRange passage)
    {
        (int first, int last) = blocks.Overlapping(passage);
        double sum = 0, overlaps = 0;
        for (int block = first; block <= last; block++)
        {
            double overlap = Math.Max(0, Math.Min(passage.End, blocks.Ranges[block].End) - Math.Max(passage.Start, blocks.Ranges[block].Start));
            sum += overlap * scores[block];
            overlaps += overlap;
        }
        return overlaps > 0 ? sum / overlaps : 0;
    }

    private Book? Open(long document)
    {
        CatalogDocument? known = library.Documents.Get(document);
        if (known is null || memories.FilesOf(known.ContentHash).Count == 0) return null;
        DocumentMemory? memory = memories.OpenIfThere(library.LoadDocument(document), model(), MemoryStore.QuestionRoom, forceRetrieval: false);
        if (memory?.Index is null)
        {
            memory?.Dispose();
            return null;
        }
        DocumentBlocks blocks = DocumentBlocks.Of(memory);
        return new Book(
            memory, blocks, [.. library.LoadPassages(document).Select(passage => (passage.Id, new TextRange(passage.Passage.Start, passage.Passage.End)))],
            new BlockAttention(model(), memory, new BlockWords(blocks)));
    }

    private sealed record Book(DocumentMemory Memory, DocumentBlocks Blocks, IReadOnlyList<(long Id, TextRange Range)> Passages, BlockAttention Attention);
}
