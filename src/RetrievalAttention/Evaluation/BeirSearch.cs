using Microsoft.Data.Sqlite;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;
using TorchSharp;

namespace RetrievalAttention.Evaluation;

/// <summary>A BEIR collection in the indexes of a library: words by document, embeddings by passage, of which a document's best one counts.</summary>
public sealed class BeirSearch : IDisposable
{
    private const long MostPassages = 1000;

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

    public static BeirSearch Build(BeirFolder folder, SentenceEmbedder embedder, PassageOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string[] texts = [.. folder.Documents.Select(document => document.Title.Length == 0 ? document.Text : $"{document.Title}\n{document.Text}")];
        SqliteConnection words = new("Data Source=:memory:");
        words.Open();
        WordIndex.CreateTables(words);
        for (int number = 0; number < texts.Length; number++) WordIndex.Add(words, number, document: 0, texts[number], language: null);
        ExactVectorIndex vectors = ExactVectorIndex.Create(new VectorIdentity(embedder.Hash, embedder.Dimensions), torch.CPU);
        (long Id, string Text)[] passages = [.. folder.Documents.SelectMany((document, number) => Passages(document, embedder, options).Select((text, i) => (number * MostPassages + i, text)))];
        vectors.Add([.. passages.Select(passage => passage.Id)], embedder.Embed([.. passages.Select(passage => passage.Text)], EmbeddingPurpose.Passage, progress, cancellation));
        return new BeirSearch(words, vectors, embedder, folder.Documents);
    }

    /// <summary>Numbers of documents; those whose title the query names stand before the others.</summary>
    public BlockRanking Rank(string query)
    {
        TitleMention[] named = [.. TitleMentions.Longest(TitleMentions.In(query, _documents.Select(document => document.Title)))];
        HashSet<string> titles = named.Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Signal[] signals = [Words(_wordIndex.Search(_words, query, _documents.Count)), Vectors(query, _ => true)];
        if (titles.Count == 0) return new BlockRanking(signals, Fuse(query, signals));

        string rest = TitleMentions.Without(query, named.Select(mention => mention.Range));
        HashSet<long> part = [.. Enumerable.Range(0, _documents.Count).Where(number => titles.Contains(_documents[number].Title)).Select(number => (long)number)];
        IReadOnlyList<int> inside = Fuse(query, [Words(_wordIndex.SearchWithin(_words, rest, part)), Vectors(rest, part.Contains)]);
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

    /// <summary>What is embedded of a document: its passages under its title, as in a book under the heading of their section.</summary>
    private static IEnumerable<string> Passages(BeirDocument document, SentenceEmbedder embedder, PassageOptions options)
    {
        Document book = new()
        {
            Path = document.Id,
            Format = Documents.DocumentFormat.Text,
            Title = document.Title,
            ContentHash = "",
            Text = document.Text,
            Sections = [new Section(document.Title.Length == 0 ? [] : [document.Title], 0, document.Text.Length)],
            Paragraphs = [new Paragraph(0, document.Text.Length, ParagraphKind.Body)],
        };
        return PassageSplitter.Split(book, embedder.CountTokens, options).Take((int)MostPassages).Select(passage => passage.EmbeddedText);
    }

    private static Signal Words(IReadOnlyList<WordMatch> matches) => new(SignalKind.Words, [.. matches.Select(match => new Scored(match.Id, match.Score))]);

    private Signal Vectors(string query, Func<long, bool> filter) => new(SignalKind.Vectors,
    [
        .. _vectors.Search(_embedder.Embed([query], EmbeddingPurpose.Query)[0], 5 * SignalFusion.Depth, id => filter(id / MostPassages))
            .GroupBy(match => match.Id / MostPassages).Select(matches => new Scored(matches.Key, matches.Max(match => match.Score))),
    ]);

    private IReadOnlyList<int> Fuse(string query, IReadOnlyList<Signal> signals) => [.. SignalFusion.Fuse(signals, SignalWeights.For(query, _embedder)).Select(item => (int)item.Id)];
}
