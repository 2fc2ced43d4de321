using RetrievalAttention.Indexing;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// Words of a document by block, each block seen together with the one before and the one after it. BM25 (Robertson and Zaragoza 2009,
/// "The Probabilistic Relevance Framework", with the never negative idf of Lucene). Counting a novel takes some 50 ms, so nothing is stored.
/// </summary>
public sealed class BlockWords
{
    /// <summary>Middle of the ranges that the paper recommends (1.2 to 2, 0.5 to 0.8).</summary>
    private const double Saturation = 1.2, LengthShare = 0.75;

    private readonly Dictionary<string, List<(int Block, int Count)>> _places = new(StringComparer.Ordinal);
    private readonly double[] _lengths;

    public BlockWords(DocumentBlocks blocks)
    {
        _lengths = new double[blocks.Count];
        if (blocks.Count == 0) return;
        int block = 0;
        foreach (TextWord word in TextWords.Of(blocks.Document.Text))
        {
            while (block < blocks.Count - 1 && blocks.Ranges[block].End <= word.Start) block++;
            Count(word.Text, block);
        }
    }

    /// <summary>Logarithm of how rare a word is among the blocks; 0 or more, highest for words that do not occur.</summary>
    public double Rarity(string word) => WordIndex.Rarity(PlacesOf(word).Count, _lengths.Length);

    /// <summary>Score of every block; 0 where no word of the question stands.</summary>
    public double[] Score(string question) => ScoreTogether([this], question);

    /// <summary>Score of every block of several documents, one document after the other, as if they were one.</summary>
    /// <param name="part">
    /// Which blocks a question that names a part is about; null when it names none. Then a word counts by how rare it is in the documents and how rare it is in that part, as in
    /// <see cref="WordIndex.SearchWithin"/>, and stop words not at all: in a small part chance makes them rare.
    /// </param>
    public static double[] ScoreTogether(IReadOnlyList<BlockWords> documents, string question, bool[]? part = null)
    {
        int blocks = documents.Sum(document => document._lengths.Length), blocksOfPart = part?.Count(inside => inside) ?? 0;
        double[] scores = new double[blocks];
        double mean = blocks == 0 ? 0 : documents.Sum(document => document._lengths.Sum()) / blocks;
        foreach (TextWord word in TextWords.Of(question))
        {
            if (part is not null && StopWords.Contains(word.Text)) continue;
            (int Block, double Count, double Length)[] places = [.. Places(documents, word.Text)];
            double rarity = WordIndex.Rarity(places.Length, blocks) * (part is null ? 1 : WordIndex.Rarity(places.Count(place => part[place.Block]), blocksOfPart));
            foreach ((int block, double count, double length) in places)
                scores[block] += rarity * count * (Saturation + 1) / (count + Saturation * (1 - LengthShare + LengthShare * length / mean));
        }
        return scores;
    }

    /// <summary>Where a word stands in documents one after the other, and how long those blocks are.</summary>
    private static IEnumerable<(int Block, double Count, double Length)> Places(IReadOnlyList<BlockWords> documents, string word)
    {
        int first = 0;
        foreach (BlockWords document in documents)
        {
            foreach ((int block, int count) in document.PlacesOf(word)) yield return (first + block, count, document._lengths[block]);
            first += document._lengths.Length;
        }
    }

    private List<(int Block, int Count)> PlacesOf(string word) => _places.GetValueOrDefault(word, []);

    /// <summary>Counts a word for its block and both neighbours. Words come in the order of the text.</summary>
    private void Count(string word, int block)
    {
        if (!_places.TryGetValue(word, out List<(int Block, int Count)>? places)) _places[word] = places = [];
        for (int near = Math.Max(0, block - 1); near <= Math.Min(_lengths.Length - 1, block + 1); near++)
        {
            _lengths[near]++;
            // The blocks that the word was counted for already are the last ones of the list, in order.
            int at = places.Count - 1;
            while (at >= 0 && places[at].Block > near) at--;
            if (at >= 0 && places[at].Block == near) places[at] = (near, places[at].Count + 1);
            else places.Add((near, 1));
        }
    }
}
