using Microsoft.Data.Sqlite;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Evaluation;

/// <summary>A BEIR collection in the indexes of a library, each of its documents as one passage under its title.</summary>
public sealed class BeirSearch : IDisposable
{
    private readonly SqliteConnection _words;
    private readonly ExactVectorIndex _vectors;
    private readonly SentenceEmbedder _embedder;
    private readonly WordIndex _wordIndex = new(new WordOptions());
    private readonly IReadOnlyList<BeirDocument> _documents;
    private readonly Dictionary<string, int> _numbers;

    private BeirSearch(SqliteConnection words, ExactVectorIndex vectors, SentenceEmbedder embedder, IReadOnlyList<BeirDocument> documents)
    {
        (_words, _vectors, _embedder, _documents) = (words, vectors, embedder, documents);
        _numbers = documents.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index, StringComparer.Ordinal);
    }

    public static BeirSearch Build(BeirFolder folder, SentenceEmbedder embedder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string[] texts = [.. folder.Documents.Select(document => document.Title.Length == 0 ? document.Text : $"{document.Title}\n{document.Text}")];
        SqliteConnection words = new("Data Source=:memory:");
        words.Open();
        WordIndex.CreateTables(words);
        for (int number = 0; number < texts.Length; number++) WordIndex.Add(words, number, document: 0, texts[number], language: null);
        ExactVectorIndex vectors = ExactVectorIndex.Create(new VectorIdentity(embedder.Hash, embedder.Dimensions), torch.CPU);
        vectors.Add([.. Enumerable.Range(0, texts.Length).Select(number => (long)number)], embedder.Embed(texts, EmbeddingPurpose.Passage, progress, cancellation));
        return new BeirSearch(words, vectors, embedder, folder.Documents);
    }

    /// <summary>Numbers of documents; those whose title the query names stand before the others.</summary>
    public BlockRanking Rank(string query)
    {
        TitleMention[] named = [.. TitleMentions.Longest(TitleMentions.In(query, _documents.Select(document => document.Title)))];
        HashSet<string> titles = named.Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Signal[] signals = SignalsFor(query, _ => true);
        if (titles.Count == 0) return new BlockRanking(signals, Fuse(query, signals));
        bool IsNamed(long number) => titles.Contains(_documents[(int)number].Title);
        IReadOnlyList<int> inside = Fuse(query, SignalsFor(TitleMentions.Without(query, named.Select(mention => mention.Range)), IsNamed));
        return new BlockRanking(signals, [.. inside, .. Fuse(query, signals).Except(inside)]);
    }

    /// <summary>Judgments by number of the document; those that the corpus lacks get numbers that nobody can find.</summary>
    public IReadOnlyDictionary<int, int> GainsOf(BeirQuery query) =>
        query.Gains.Index().ToDictionary(pair => _numbers.TryGetValue(pair.Item.Key, out int number) ? number : -1 - pair.Index, pair => pair.Item.Value);

    public void Dispose()
    {
        _words.Dispose();
        _vectors.Dispose();
    }

    private Signal[] SignalsFor(string query, Func<long, bool> filter) =>
    [
        new Signal(SignalKind.Words, [.. _wordIndex.Search(_words, query, _documents.Count).Where(match => filter(match.Id)).Select(match => new Scored(match.Id, match.Score))]),
        new Signal(SignalKind.Vectors, [.. _vectors.Search(_embedder.Embed([query], EmbeddingPurpose.Query)[0], 2 * SignalFusion.Depth, filter).Select(match => new Scored(match.Id, match.Score))]),
    ];

    private IReadOnlyList<int> Fuse(string query, IReadOnlyList<Signal> signals) => [.. SignalFusion.Fuse(signals, SignalWeights.For(query, _embedder)).Select(item => (int)item.Id)];
}
