using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;
using TorchSharp;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// Finds passages of a library: by words, by embeddings, and by attention in the books that have memory. A query that names a book or a
/// section searches there first. Books may come and go meanwhile; what is gone is not listed.
/// </summary>
public sealed class PassageSearch : IDisposable
{
    /// <summary>Characters of a query that are looked at.</summary>
    public const int LongestQuery = 4096;

    /// <summary>Books whose attention is asked: the best by words and embeddings.</summary>
    private const int BooksByAttention = 3;

    /// <summary>Share of words in common from which two passages say the same.</summary>
    private const double NearlyTheSame = 0.8;

    private const int SentencesShown = 3;

    /// <summary>The best passages that get a second look; design section 2 measured 16 and 32.</summary>
    private const int Candidates = 16;

    private readonly Library _library;
    private readonly SentenceEmbedder _embedder;
    private readonly IVectorIndex _vectors;
    private readonly LibraryAttention? _attention;
    private readonly WordIndex _words = new(new WordOptions());

    private PassageSearch(Library library, SentenceEmbedder embedder, IVectorIndex vectors, LibraryAttention? attention) =>
        (_library, _embedder, _vectors, _attention) = (library, embedder, vectors, attention);

    /// <param name="attention">Null to search without; belongs to the caller.</param>
    /// <exception cref="ProblemException">The vector index is damaged or another embedder's.</exception>
    public static PassageSearch Open(Library library, SentenceEmbedder embedder, VectorOptions options, torch.Device device, LibraryAttention? attention) =>
        new(library, embedder, LibraryVectors.Open(library, embedder, options, device), attention);

    /// <param name="count">How many to list at most.</param>
    /// <param name="document">Only passages of this document; null for all.</param>
    /// <returns>Best first; none when the query has no letter or digit, or nothing fits.</returns>
    /// <exception cref="ProblemException">The query is empty.</exception>
    public IReadOnlyList<FoundPassage> Search(string query, int count, long? document = null) => Search(query, count, document, out _);

    /// <param name="phrasesFound">Whether any passage holds all words in quotation marks as they stand in the query; null for a query without such words. Where none does, what is near is found.</param>
    /// <inheritdoc cref="Search(string, int, long?)"/>
    public IReadOnlyList<FoundPassage> Search(string query, int count, long? document, out bool? phrasesFound)
    {
        phrasesFound = null;
        if (string.IsNullOrWhiteSpace(query)) throw new ProblemException(ProblemKind.Setting, "The query is empty. Give words or a question in quotes: ra search \"where is the treasure\"");
        string asked = TextWords.WellFormed(query.Length > LongestQuery ? query[..LongestQuery] : query);
        if (!TextWords.Of(asked).Any()) return [];

        LibraryScope scope = LibraryScope.Of(asked, _library, document);
        IReadOnlyList<FusedItem> inside = Fuse(TitleMentions.Without(asked, scope.Titles), asked, scope, out phrasesFound);
        IReadOnlyList<FusedItem> outside = scope.IsNamed ? Fuse(asked, asked, LibraryScope.All(_library, document), out _) : [];
        HashSet<long> first = [.. inside.Select(item => item.Id)];
        IReadOnlyList<long> looked = LookAgain(asked, inside);
        return List([.. InOrderOf(looked, inside), .. outside.Where(item => !first.Contains(item.Id))], looked, asked, count);
    }

    public void Dispose() => _vectors.Dispose();

    /// <param name="query">What is looked for by words and embeddings.</param>
    /// <param name="question">As asked, for attention.</param>
    private IReadOnlyList<FusedItem> Fuse(string query, string question, LibraryScope scope, out bool? phrasesFound)
    {
        SignalWeights weights = SignalWeights.For(question, _embedder);
        // Words in quotation marks must stand together, however near the meaning of another passage is.
        IReadOnlySet<long>? holding = _library.Database.Read(connection => _words.HoldingPhrases(connection, query, scope.Documents));
        phrasesFound = holding is null ? null : holding.Count > 0;
        if (holding is { Count: 0 }) holding = null;
        bool Suits(long passage) => scope.Holds(passage) && holding?.Contains(passage) != false;
        List<Signal> signals =
        [
            new(SignalKind.Words, [.. _library.Database.Read(connection => Words(connection, query, scope)).Where(match => Suits(match.Id)).Select(match => new Scored(match.Id, match.Score))]),
            new(SignalKind.Vectors, [.. _vectors.Search(_embedder.Embed([query], EmbeddingPurpose.Query)[0], SignalFusion.Depth, scope.Passages is null && holding is null ? null : Suits)
                .Select(match => new Scored(match.Id, match.Score))]),
        ];
        if (_attention is not null) signals.Add(new Signal(SignalKind.Attention, _attention.Search(question, BestBooks(SignalFusion.Fuse(signals, weights)), Suits)));
        return SignalFusion.Fuse(signals, weights);
    }

    /// <summary>The best passages that are in books with memory, in the order of the second look.</summary>
    private IReadOnlyList<long> LookAgain(string question, IReadOnlyList<FusedItem> found) =>
        _attention?.LookAgain(question, [.. WithDocuments(found.Take(Candidates)).Select(pair => (pair.Item.Id, pair.Document))]) ?? [];

    /// <summary>What was looked at changes places among itself; everything else keeps its own.</summary>
    private static IEnumerable<FusedItem> InOrderOf(IReadOnlyList<long> looked, IReadOnlyList<FusedItem> found)
    {
        Dictionary<long, FusedItem> items = found.ToDictionary(item => item.Id);
        HashSet<long> moving = [.. looked];
        int next = 0;
        foreach (FusedItem item in found) yield return moving.Contains(item.Id) ? items[looked[next++]] : item;
    }

    private IReadOnlyList<WordMatch> Words(SqliteConnection connection, string query, LibraryScope scope) => scope is { IsNamed: true, Passages: { } passages }
        ? [.. _words.SearchWithin(connection, query, passages, scope.Documents).Take(SignalFusion.Depth)]
        : _words.Search(connection, query, SignalFusion.Depth, scope.Documents);

    private IEnumerable<long> BestBooks(IReadOnlyList<FusedItem> found) =>
        WithDocuments(found.Take(20)).GroupBy(pair => pair.Document).OrderByDescending(book => book.Sum(pair => pair.Item.Score)).Take(BooksByAttention).Select(book => book.Key);

    private IEnumerable<(FusedItem Item, long Document)> WithDocuments(IEnumerable<FusedItem> found)
    {
        foreach (FusedItem item in found)
            if (_library.FindPassage(item.Id) is { } passage) yield return (item, passage.Document);
    }

    private IReadOnlyList<FoundPassage> List(IReadOnlyList<FusedItem> ranked, IReadOnlyList<long> looked, string query, int count)
    {
        Dictionary<long, int> secondLook = looked.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        List<(FoundPassage Found, HashSet<string> Words, List<PassagePlace> Elsewhere)> listed = [];
        foreach (FusedItem item in ranked)
        {
            if (_library.FindPassage(item.Id) is not { } passage || _library.PlaceOf(passage) is not { } place) continue;
            HashSet<string> words = [.. TextWords.Of(passage.Passage.Text).Select(word => word.Text)];
            if (listed.FirstOrDefault(other => Likeness(other.Words, words) >= NearlyTheSame) is { Found: not null } same)
            {
                same.Elsewhere.Add(place);
                continue;
            }
            if (listed.Count == count) break;
            List<PassagePlace> elsewhere = [];
            FoundPassage found = new(
                passage, place, item.Score, item.Places, secondLook.TryGetValue(item.Id, out int second) ? second : null, MatchingSentences.Of(passage.Passage.Text, query, place.Language, SentencesShown),
                _library.Neighbour(passage, -1), _library.Neighbour(passage, 1), elsewhere);
            listed.Add((found, words, elsewhere));
        }
        return [.. listed.Select(entry => entry.Found)];
    }

    /// <summary>Jaccard index of two sets of words.</summary>
    private static double Likeness(HashSet<string> a, HashSet<string> b)
    {
        int common = a.Count(b.Contains);
        return a.Count + b.Count == common ? 0 : (double)common / (a.Count + b.Count - common);
    }
}
