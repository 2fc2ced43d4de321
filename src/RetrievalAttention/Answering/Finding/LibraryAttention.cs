using RetrievalAttention.Catalog;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Attention over the books of a library that were read into memory. Opened books stay open. Not safe for several threads.</summary>
/// <param name="model">Called when the first book with a memory is looked at, for opening it takes time.</param>
/// <param name="note">Told when a memory is damaged; then the other signals find what there is to find.</param>
public sealed class LibraryAttention(Library library, MemoryStore memories, Func<LoadedModel> model, Action<string>? note = null) : IDisposable
{
    private readonly Dictionary<long, Book?> _books = [];
    private AskedQuestion? _asked;

    /// <summary>Passages of the books that have memory, best first; each score is the mean over the blocks that it overlaps, by their shares of it.</summary>
    public IReadOnlyList<Scored> Search(string question, IEnumerable<long> documents, Func<long, bool> filter)
    {
        return
        [
            .. documents.Select(BookOf).OfType<Book>().SelectMany(book => SearchBook(question, book)).Where(scored => filter(scored.Id))
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
        double[][] scores = [.. books.Select(book => ScoresOf(question, book))];
        Dictionary<int, long> passageOf = [];
        foreach ((long passage, long document) in found)
        {
            int number = Array.IndexOf(books, BookOf(document));
            if (number < 0 || !books[number].Ranges.TryGetValue(passage, out TextRange range)) continue;
            (int first, int last) = books[number].Blocks.Overlapping(range);
            // Two passages may meet in one block; it is looked at for the better one.
            passageOf.TryAdd(shelf.NumberOf(number, Enumerable.Range(first, last - first + 1).MaxBy(block => scores[number][block])), passage);
        }
        try
        {
            return [.. BlockSearch.SecondLook(model(), shelf, question, [.. passageOf.Keys], passageOf.Count).Select(block => passageOf[block])];
        }
        catch (DamagedBlockException damage)
        {
            Tell(damage);
            return [];
        }
    }

    /// <summary>Those that were read as the first was.</summary>
    private static Book[] TogetherOnAShelf(IEnumerable<Book> books)
    {
        Book[] all = [.. books];
        return [.. all.Where(book => book.Memory.File.Fingerprint.ReaderDifferencesFrom(all[0].Memory.File.Fingerprint).Count == 0)];
    }

    public void Dispose()
    {
        _asked?.Dispose();
        foreach (Book? book in _books.Values) book?.Memory.Dispose();
    }

    private IEnumerable<Scored> SearchBook(string question, Book book)
    {
        double[] scores = ScoresOf(question, book);
        return book.Ranges.Select(passage => new Scored(passage.Key, MeanOver(book.Blocks, scores, passage.Value)));
    }

    /// <summary>
    /// Score of every block. One search asks for the same up to three times: inside what the question names, in the whole library, and for the second look.
    /// </summary>
    private double[] ScoresOf(string question, Book book)
    {
        if (_asked?.Question != question)
        {
            _asked?.Dispose();
            _asked = new AskedQuestion(question, [.. BlockSearch.QueriesOf(model(), question).Select(query => query.DetachFromDisposeScope())]);
        }
        if (!_asked.Scores.TryGetValue(book, out double[]? scores)) _asked.Scores[book] = scores = book.Attention.Score(question, _asked.Queries);
        return scores;
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
        DocumentMemory? memory = OpenMemory(document);
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

    private DocumentMemory? OpenMemory(long document)
    {
        try
        {
            return memories.OpenIfThere(library.LoadDocument(document), model(), MemoryStore.QuestionRoom, forceRetrieval: false);
        }
        catch (DamagedBlockException damage)
        {
            Tell(damage);
            return null;
        }
    }

    private void Tell(DamagedBlockException damage) =>
        note?.Invoke($"{damage.Message} This search does without it. {DamagedBlockException.Advice}");

    /// <summary>The question of the last search: what its tokens ask, and what that found in the books where it was put.</summary>
    private sealed record AskedQuestion(string Question, Tensor[] Queries) : IDisposable
    {
        public Dictionary<Book, double[]> Scores { get; } = new(ReferenceEqualityComparer.Instance);

        public void Dispose()
        {
            foreach (Tensor query in Queries) query.Dispose();
        }
    }

    /// <param name="Ranges">Of its passages in its text, by their ids.</param>
    private sealed record Book(DocumentMemory Memory, DocumentBlocks Blocks, IReadOnlyDictionary<long, TextRange> Ranges, BlockAttention Attention);
}
