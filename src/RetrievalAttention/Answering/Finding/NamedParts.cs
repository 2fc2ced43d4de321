namespace RetrievalAttention.Answering.Finding;

/// <param name="OfBook">Of the whole document; otherwise of a section of it.</param>
internal readonly record struct NamedTitle(long Document, string Title, bool OfBook);

/// <summary>
/// The books and sections that a question names. The title of a book says among which books its sections are meant: "chapter 3 of Treasure Island".
/// </summary>
/// <param name="Mentions">Every title that stands in the question.</param>
/// <param name="Books">Documents that it names by their own titles.</param>
/// <param name="Sections">Titles of the sections that it names, the longest ones; case does not matter.</param>
internal sealed record NamedParts(IReadOnlyList<TitleMention> Mentions, IReadOnlySet<long> Books, IReadOnlySet<string> Sections)
{
    public static NamedParts Of(string question, IReadOnlyCollection<NamedTitle> titles)
    {
        IReadOnlyList<TitleMention> mentions = TitleMentions.In(question, titles.Select(title => title.Title));
        // "The Frog Prince Returns" names no book called "The Frog Prince".
        HashSet<string> whole = Titles(mentions.Where(mention => !mentions.Any(other => other.Words > mention.Words && other.Range.Start <= mention.Range.Start && mention.Range.End <= other.Range.End)));
        HashSet<long> books = [.. titles.Where(title => title.OfBook && whole.Contains(title.Title)).Select(title => title.Document)];
        HashSet<string> ofBooks = new(titles.Where(title => title.OfBook && books.Contains(title.Document)).Select(title => title.Title), StringComparer.OrdinalIgnoreCase);
        HashSet<string> ofSections = new(
            titles.Where(title => !title.OfBook && (books.Count == 0 || books.Contains(title.Document)) && !ofBooks.Contains(title.Title)).Select(title => title.Title),
            StringComparer.OrdinalIgnoreCase);
        return new NamedParts(mentions, books, Titles(TitleMentions.Longest([.. mentions.Where(mention => ofSections.Contains(mention.Title))])));
    }

    /// <summary>A section with one of these headings is meant.</summary>
    public bool Names(long document, IEnumerable<string> headings) => (Books.Count == 0 || Books.Contains(document)) && headings.Any(Sections.Contains);

    /// <summary>All of a document is meant.</summary>
    public bool NamesAllOf(long document) => Sections.Count == 0 && Books.Contains(document);

    private static HashSet<string> Titles(IEnumerable<TitleMention> mentions) => mentions.Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
