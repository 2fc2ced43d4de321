using RetrievalAttention.Catalog;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering;

/// <summary>Finds the book of a library that a question is about.</summary>
public static class BookChoice
{
    /// <summary>Passages that take part.</summary>
    private const int Passages = 50;

    /// <summary>Passages of one book that count: more would favour long books, in which common words of the question are everywhere.</summary>
    private const int BestOfBook = 3;

    /// <summary>The book whose three best passages share most words with the question, by the sum of their BM25 scores.</summary>
    /// <exception cref="ProblemException">The library is empty, or none of its books has a word of the question.</exception>
    public static CatalogDocument ByWords(Library library, string question)
    {
        IReadOnlyList<CatalogDocument> all = library.Documents.List();
        if (all.Count == 1) return all[0];
        if (all.Count == 0) throw new ProblemException(ProblemKind.NotFound, $"The library '{library.Name}' is empty. Add books: ra ingest FOLDER, or ask about one file: --from FILE");
        IReadOnlyList<WordMatch> matches = library.Database.Read(connection => new WordIndex(new WordOptions()).Search(connection, question, Passages));
        Dictionary<long, double> scores = matches
            .Select(match => (match.Score, library.FindPassage(match.Id)?.Document))
            .GroupBy(match => match.Document, match => match.Score)
            .Where(book => book.Key is not null)
            .ToDictionary(book => book.Key!.Value, book => book.OrderDescending().Take(BestOfBook).Sum());
        return all.Where(document => scores.ContainsKey(document.Id)).MaxBy(document => scores[document.Id])
            ?? throw new ProblemException(ProblemKind.NotFound, $"No book of the library '{library.Name}' that was read so far has any word of the question. Name the book with --book, or use the words of the book.");
    }
}
