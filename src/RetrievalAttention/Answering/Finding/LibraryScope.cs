using RetrievalAttention.Catalog;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Where in a library a query searches first.</summary>
/// <param name="Titles">Characters of the query that name the place.</param>
/// <param name="Documents">Documents that take part; null for all.</param>
/// <param name="Passages">Passages that take part; null for all.</param>
/// <param name="IsNamed">The query itself names it.</param>
internal sealed record LibraryScope(IReadOnlyList<TextRange> Titles, IReadOnlyCollection<long>? Documents, IReadOnlySet<long>? Passages, bool IsNamed)
{
    /// <param name="document">A document that was chosen beforehand; null for all.</param>
    public static LibraryScope Of(string query, Library library, long? document)
    {
        CatalogTitle[] titles = [.. library.Titles().Where(title => document is null || title.Document == document)];
        TitleMention[] longest = [.. TitleMentions.Longest(TitleMentions.In(query, titles.Select(title => title.Title)))];
        HashSet<string> names = longest.Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
        CatalogTitle[] named = [.. titles.Where(title => names.Contains(title.Title))];
        if (named.Length == 0) return All(library, document);
        return new LibraryScope(
            [.. longest.Select(mention => mention.Range)], [.. named.Select(title => title.Document).Distinct()],
            named.SelectMany(title => library.PassagesOf(title.Document, title.Section)).ToHashSet(), IsNamed: true);
    }

    public bool Holds(long passage) => Passages is null || Passages.Contains(passage);

    public static LibraryScope All(Library library, long? document) => document is { } one
        ? new LibraryScope([], [one], library.PassagesOf(one).ToHashSet(), IsNamed: false)
        : new LibraryScope([], null, null, IsNamed: false);
}
