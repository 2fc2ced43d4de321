using RetrievalAttention.Catalog;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering;

/// <summary>Finds the book of a library that a question is about.</summary>
public static class BookChoice
{
    /// <summary>Passages that take part.</summary>
    private const int Passages = 20;

    /// <summary>Lets the first few ranks count almost alike, so that one lucky passage does not win over a book full of good ones.</summary>
    private const double RankOffset = 10;

    /// <summary>The book whose passages share most words with the question: the largest sum of 1/(10 + rank) over the best passages of the library.</summary>
    /// <exception cref="ProblemException">The library is empty, or none of its books has a word of the question.</exception>
    public static CatalogDocument ByWords(Library library, string question)
    {
        IReadOnlyList<CatalogDocument> all = library.Documents.List();
        if (all.Count == 1) return all[0];
        if (all.Count == 0) throw new ProblemException(ProblemKind.NotFound, $"The library '{library.Name}' is empty. Add books: ra ingest FOLDER, or ask about one file: --from FILE");
        IReadOnlyList<WordMatch> matches = library.Database.Read(connection => new WordIndex(new WordOptions()).Search(connection, question, Passages));
        Dictionary<long, double> scores = [];
        foreach ((int rank, WordMatch match) in matches.Index())
        {
            if (library.FindPassage(match.Id) is { } passage)
                scores[passage.Document] = scores.GetValueOrDefault(passage.Document) + 1 / (RankOffset + rank);
        }
        return all.Where(document => scores.ContainsKey(document.Id)).MaxBy(document => scores[document.Id])
            ?? throw new ProblemException(ProblemKind.NotFound, $"No book of the library '{library.Name}' that was read so far has any word of the question. Name the book with --book, or use the words of the book.");
    }
}
