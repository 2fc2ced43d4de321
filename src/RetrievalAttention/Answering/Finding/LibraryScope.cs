using RetrievalAttention.Catalog;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Where in a library a query searches first.</summary>
/// <param name="Titles">Characters of the query that name the place.</param>
/// <param name="Documents">Documents that take part; null for all.</param>
/// <param name="Passages">Passages that take part; null for all.</param>
/// <param name="IsNamed">The query itself names it.</param>
/// <param name="NamesBooks">It names books: by their own titles, or by a section that only one of them has. Many have a "Chapter 3".</param>
internal sealed record LibraryScope(IReadOnlyList<TextRange> Titles, IReadOnlyCollection<long>? Documents, IReadOnlySet<long>? Passages, bool IsNamed, bool NamesBooks)
{
    /// <param name="document">A document that was chosen beforehand; null for all.</param>
    public static LibraryScope Of(string query, Library library, long? document)
    {
        CatalogTitle[] titles = [.. library.Titles().Where(title => document is null || title.Document == document)];
        NamedParts named = NamedParts.Of(query, [.. titles.Select(title => new NamedTitle(title.Document, title.Title, OfBook: title.Section is null))]);
        CatalogTitle[] meant = [.. titles.Where(title => title.Section is null ? named.NamesAllOf(title.Document) : named.Names(title.Document, [title.Title]))];
        if (meant.Length == 0) return All(library, document);
        long[] documents = [.. meant.Select(title => title.Document).Distinct()];
        return new LibraryScope(
            [.. named.Mentions.Where(mention => meant.Any(title => title.Title.Equals(mention.Title, StringComparison.OrdinalIgnoreCase))).Select(mention => mention.Range)], documents,
            meant.SelectMany(title => library.PassagesOf(title.Document, title.Section)).ToHashSet(), IsNamed: true, NamesBooks: named.Books.Count > 0 || documents.Length == 1);
    }

    public bool Holds(long passage) => Passages is null || Passages.Contains(passage);

    public static LibraryScope All(Library library, long? document) => document is { } one
        ? new LibraryScope([], [one], library.PassagesOf(one).ToHashSet(), IsNamed: false, NamesBooks: false)
        : new LibraryScope([], null, null, IsNamed: false, NamesBooks: false);
}
