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

    /// <summary>
    /// Passages in the order of a second look (<see cref="BlockSearch.SecondLook"/>), each by the one of its blocks that the first look likes best. Passages of books without memory,
    /// or with keys only, are left out.
    /// </summary>
    /// <param name="found">Best first.</param>
    public IReadOnlyList<long> LookAgain(string question, IReadOnlyList<(long Passage, long Document)> found)
    {
        Book[] books = TogetherOnAShelf(found.Select(item => BookOf(item.Document)).OfType<Book>().Where(book => book.Memory.File.Codec.HoldsAll).Distinct());
        if (books.Length == 0) return [];
        using var scope = torch.NewDisposeScope();
        MemoryShelf shelf = new([.. books.Select(book => book.Memory)]);
        Tensor[] queries = BlockSearch.QueriesOf(model(), question);
        double[][] scores = [.. books.Select(book => book.Attention.Score(question, queries))];
        Dictionary<int, long> passageOf = [];
        foreach ((long passage, long document) in found)
        {
            int number = Array.IndexOf(books, BookOf(document));
            if (number < 0 || !books[number].Ranges.TryGetValue(passage, out TextRange range)) continue;
            (int first, int last) = books[number].Blocks.Overlapping(range);
            // Two passages may meet in one block; it is looked at for the better one.
            passageOf.TryAdd(shelf.NumberOf(number, Enumerable.Range(first, last - first + 1).MaxBy(block => scores[number][block])), passage);
        }
        return [.. BlockSearch.SecondLook(model(), shelf, question, [.. passageOf.Keys], passageOf.Count).Select(block => passageOf[block])];
    }

    /// <summary>Those that were read as the first was.</summary>
    private static Book[] TogetherOnAShelf(IEnumerable<Book> books)
    {
        Book[] all = [.. books];
        return [.. all.Where(book => book.Memory.File.Fingerprint.ReaderDifferencesFrom(all[0].Memory.File.Fingerprint).Count == 0)];
    }

    public void Dispose()
    {
        foreach (Book? book in _books.Values) book?.Memory.Dispose();
    }

    private IEnumerable<Scored> SearchBook(string question, long document, Lazy<Tensor[]> queries)
    {
        if (BookOf(document) is not { } book) return [];
        double[] scores = book.Attention.Score(question, queries.Value);
        return book.Ranges.Select(passage => new Scored(passage.Key, MeanOver(book.Blocks, scores, passage.Value)));
    }

    /// <summary>Null for a book without memory.</summary>
    private Book? BookOf(long document)
    {
        if (!_books.TryGetValue(document, out Book? book)) _books[document] = book = Open(document);
        return book;
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
            memory, blocks, library.LoadPassages(document).ToDictionary(passage => passage.Id, passage => new TextRange(passage.Passage.Start, passage.Passage.End)),
            new BlockAttention(model(), memory, new BlockWords(blocks)));
    }

    /// <param name="Ranges">Of its passages in its text, by their ids.</param>
    private sealed record Book(DocumentMemory Memory, DocumentBlocks Blocks, IReadOnlyDictionary<long, TextRange> Ranges, BlockAttention Attention);
}
