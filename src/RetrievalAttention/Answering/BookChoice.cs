using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Catalog;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering;

/// <summary>Finds the books of a library that a question is about.</summary>
public static class BookChoice
{
    /// <summary>Passages that take part.</summary>
    private const int Passages = 50;

    /// <summary>Passages of one book that count: more would favour long books, in which common words of the question are everywhere.</summary>
    private const int BestOfBook = 3;

    /// <summary>
    /// Best first: books that the question names, then those whose best passages share most words with it; in a library of no more than <paramref name="most"/> books also the others.
    /// </summary>
    /// <exception cref="ProblemException">The library is empty, or none of its many books has a word of the question.</exception>
    public static IReadOnlyList<CatalogDocument> Choose(Library library, string question, int most)
    {
        IReadOnlyList<CatalogDocument> all = library.Documents.List();
        if (all.Count == 0) throw new ProblemException(ProblemKind.NotFound, $"The library '{library.Name}' is empty. Add books: ra ingest FOLDER, or ask about one file: --from FILE");
        if (all.Count == 1) return all;
        IReadOnlyList<WordMatch> matches = library.Database.Read(connection => new WordIndex(new WordOptions()).Search(connection, question, Passages));
        IEnumerable<(long Book, double Score)> passages = matches.Select(match => (library.FindPassage(match.Id)?.Document, match.Score))
            .Where(passage => passage.Document is not null).Select(passage => (passage.Document!.Value, passage.Score));
        long[] ranked = [.. Rank(passages)];
        LibraryScope scope = LibraryScope.Of(question, library, document: null);
        IReadOnlyCollection<long> named = scope is { NamesBooks: true, Documents: { } documents } ? documents : [];
        IEnumerable<long> found = ranked.Where(named.Contains).Concat(named).Concat(ranked);
        if (all.Count <= most) found = found.Concat(all.Select(document => document.Id));
        CatalogDocument[] books = [.. found.Distinct().Select(id => all.FirstOrDefault(document => document.Id == id)).OfType<CatalogDocument>().Take(most)];
        return books.Length > 0 ? books : throw new ProblemException(ProblemKind.NotFound,
            $"No book of the library '{library.Name}' that was read so far has any word of the question. Name the book with --book, or use the words of the book.");
    }

    /// <summary>Books by the sum of the scores of their best passages, best first.</summary>
    /// <param name="found">Best first, of which only the first fifty take part.</param>
    public static IEnumerable<long> Rank(IEnumerable<(long Book, double Score)> found) =>
        found.Take(Passages).GroupBy(passage => passage.Book, passage => passage.Score)
            .OrderByDescending(book => book.OrderDescending().Take(BestOfBook).Sum()).Select(book => book.Key);
}
