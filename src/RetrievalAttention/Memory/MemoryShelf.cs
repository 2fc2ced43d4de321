using RetrievalAttention.Models;

namespace RetrievalAttention.Memory;

/// <summary>
/// Books whose blocks can be attended to in one context, behind one header. The blocks are numbered through, book after book: that is the order in which they are
/// packed. A shelf of one book numbers its blocks as the book does. The memories belong to the caller.
/// </summary>
public sealed class MemoryShelf
{
    private readonly int[] _firstBlocks;

    /// <exception cref="ProblemException">Two memories were not read by the same model behind the same header; the message names what differs.</exception>
    public MemoryShelf(params IReadOnlyList<DocumentMemory> books)
    {
        if (books.Count == 0) throw new ArgumentException("A shelf has at least one book.", nameof(books));
        foreach (DocumentMemory book in books.Skip(1)) RequireSameReader(books[0], book);
        Books = books;
        _firstBlocks = new int[books.Count];
        for (int i = 1; i < books.Count; i++) _firstBlocks[i] = _firstBlocks[i - 1] + books[i - 1].File.Blocks;
    }

    public IReadOnlyList<DocumentMemory> Books { get; }

    /// <summary>Blocks of all books.</summary>
    public int Blocks => _firstBlocks[^1] + Books[^1].File.Blocks;

    /// <summary>Attend to all of it, without retrieval: one book that was read with a window that covers it.</summary>
    public bool Full => Books is [{ Full: true }];

    /// <summary>Every book's blocks can be attended to; where not, they are read as text.</summary>
    public bool HoldsAll => Books.All(book => book.File.Codec.HoldsAll);

    /// <summary>Every book has an index, so that blocks have places in the text and heads can be watched.</summary>
    public bool HasIndex => Books.All(book => book.Index is not null);

    /// <summary>Index of the book that a block belongs to, and the block's number in it.</summary>
    public (int Book, int Block) Locate(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        int book = Array.FindLastIndex(_firstBlocks, first => first <= block);
        return (book, block - _firstBlocks[book]);
    }

    /// <summary>Number on the shelf of a book's block.</summary>
    public int NumberOf(int book, int block) => _firstBlocks[book] + block;

    /// <summary>Text of a block. Needs <see cref="HasIndex"/>.</summary>
    public string TextOf(int block)
    {
        (int book, int own) = Locate(block);
        (int start, int end) = Books[book].Index!.TextRange(own);
        return Books[book].Document.Text[start..end];
    }

    /// <summary>Tokens of a block: 64, but for the last of a book.</summary>
    public int TokensOf(int block)
    {
        (int book, int own) = Locate(block);
        return Books[book].File.TokensOf(own);
    }

    /// <summary>Appends blocks to a context, rotated to the positions where they now stand, as if all were adjacent.</summary>
    /// <param name="blocks">Book by book; in any order within each.</param>
    /// <param name="layers">How many layers will look at them, from the first; null for all.</param>
    /// <returns>The range of positions of each block.</returns>
    /// <exception cref="DamagedBlockException">A block does not match its checksum.</exception>
    public IReadOnlyList<(int Start, int End)> Append(AttentionContext context, Decoder decoder, IReadOnlyList<int> blocks, int? layers = null) =>
    [
        .. blocks.Select(Locate).GroupBy(place => place.Book)
            .SelectMany(book => MemoryContext.Append(context, decoder, Books[book.Key].File, [.. book.Select(place => place.Block)], layers)),
    ];

    private static void RequireSameReader(DocumentMemory one, DocumentMemory other)
    {
        IReadOnlyList<string> differences = other.File.Fingerprint.ReaderDifferencesFrom(one.File.Fingerprint);
        if (differences.Count == 0) return;
        throw new ProblemException(ProblemKind.Index,
            $"The memories of '{one.Document.Title}' and '{other.Document.Title}' cannot be attended to together, for they were read under other settings ({string.Join("; ", differences)}). "
            + "Ask about one of them (--book), or read one anew with --reread.");
    }
}
