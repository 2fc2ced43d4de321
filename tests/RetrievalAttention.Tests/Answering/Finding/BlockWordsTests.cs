using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Answering.Finding;

public class BlockWordsTests
{
    /// <summary>A naive count over the same blocks, by the formula of BM25.</summary>
    [Fact]
    public void ScoresAreThoseOfBm25OverBlocksWithNeighbours()
    {
        Random random = new(3);
        string[] vocabulary = ["ship", "island", "captain", "powder", "The", "sea", "map"];
        string text = string.Join(' ', Enumerable.Range(0, 2_000).Select(_ => vocabulary[(int)(vocabulary.Length * Math.Pow(random.NextDouble(), 2))]));
        DocumentBlocks blocks = DocumentBlocks.Of(Of(text), new WordsAsTokens());
        double[] scores = new BlockWords(blocks).Score("the MAP, captain?");
        Assert.Equal(32, blocks.Count);

        string[][] windows = [.. Enumerable.Range(0, blocks.Count).Select(block => Words(text[blocks.Ranges[Math.Max(0, block - 1)].Start..blocks.Ranges[Math.Min(blocks.Count - 1, block + 1)].End]))];
        double mean = windows.Average(window => window.Length);
        for (int block = 0; block < blocks.Count; block++)
        {
            double expected = 0;
            foreach (string word in (string[])["the", "map", "captain"])
            {
                int holding = windows.Count(window => window.Contains(word)), count = windows[block].Count(other => other == word);
                expected += Math.Log(1 + (blocks.Count - holding + 0.5) / (holding + 0.5)) * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * windows[block].Length / mean));
            }
            Assert.Equal(expected, scores[block], 1e-9);
        }
    }

    [Fact]
    public void WordsOfAllScriptsAreFound()
    {
        Assert.Equal(["ärger", "über", "o", "brien", "42"], TextWords.Of("Ärger über O'Brien, 42!").Select(word => word.Text));
        Assert.Equal(["大海", "海啊", "ok", "山"], TextWords.Of("大海啊 ok 山").Select(word => word.Text));
        Assert.Empty(TextWords.Of("😀 … \ud800"));
        const string Mixed = "Das Meer 大海啊 x";
        Assert.All(TextWords.Of(Mixed), word => Assert.Equal(word.Text, Mixed[word.Start..word.End].ToLowerInvariant()));
    }

    [Fact]
    public void InAPartAWordThatIsEverywhereThereTellsLess()
    {
        // The hero is in the second half only, and everywhere in it; the ring once in each half.
        string[] words = [.. Enumerable.Range(0, 64 * 40).Select(i => i is 300 or 64 * 30 ? "ring" : i >= 64 * 20 && i % 8 == 0 ? "hero" : "sea")];
        DocumentBlocks blocks = DocumentBlocks.Of(Of(string.Join(' ', words)), new WordsAsTokens());
        BlockWords[] one = [new BlockWords(blocks)];
        bool[] part = [.. Enumerable.Range(0, blocks.Count).Select(block => block >= 20)];
        double[] everywhere = BlockWords.ScoreTogether(one, "the ring of the hero"), inside = BlockWords.ScoreTogether(one, "the ring of the hero", part);
        Assert.InRange(Array.IndexOf(inside, inside.Max()), 29, 31);
        Assert.True(inside[35] / inside[30] < 0.1 * everywhere[35] / everywhere[30], $"{inside[35] / inside[30]:F3} against {everywhere[35] / everywhere[30]:F3}");
    }

    [Fact]
    public void AnEmptyDocumentHasNoScores()
    {
        DocumentBlocks blocks = DocumentBlocks.Of(Of(""), new WordsAsTokens());
        Assert.Empty(new BlockWords(blocks).Score("anything"));
    }

    [Fact]
    public void WordsOfSeveralDocumentsCountAsIfTheyWereOne()
    {
        static string Filled(string word, int times) => string.Join(' ', Enumerable.Repeat("sea", 64 * 4 - times).Concat(Enumerable.Repeat(word, times)));
        DocumentBlocks[] both = [.. ((string[])[Filled("map", 1), Filled("map", 3)]).Select(text => DocumentBlocks.Of(Of(text), new WordsAsTokens()))];
        BlockWords[] words = [.. both.Select(blocks => new BlockWords(blocks))];
        double[] together = BlockWords.ScoreTogether(words, "which map");
        Assert.Equal(8, together.Length);
        double mean = (2 * 128 + 2 * 192) / 4.0;
        double Expected(int count, int length) => Math.Log(1 + (8 - 4 + 0.5) / (4 + 0.5)) * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / mean));
        Assert.Equal([0, 0, Expected(1, 192), Expected(1, 128), 0, 0, Expected(3, 192), Expected(3, 128)], together, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(words[0].Score("the map"), BlockWords.ScoreTogether([words[0]], "the map"));
    }

    [Fact]
    public void AQuestionThatNamesOneOfTheBooksIsAboutThatOne()
    {
        Document tides = Of("The sea.") with { Title = "Book of Tides" }, dogs = Of("A dog.") with { Title = "My Brave Dogs" };
        IReadOnlyList<QuestionScope> named = QuestionScope.OfEach("Who barks in my brave dogs?", [tides, dogs]);
        Assert.Equal([false, true], named.Select(scope => scope.Holds(new TextRange(0, 5))));
        IReadOnlyList<QuestionScope> open = QuestionScope.OfEach("Who barks?", [tides, dogs]);
        Assert.Equal([true, true], open.Select(scope => scope.Holds(new TextRange(0, 5))));
        // Alone, a book's title says nothing.
        Assert.False(QuestionScope.Of("Who barks in my brave dogs?", dogs).IsNamed);
    }

    private static string[] Words(string text) => [.. text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static Document Of(string text) => new()
    {
        Path = "/a.txt",
        Format = DocumentFormat.Text,
        Title = "A",
        ContentHash = "00",
        Text = text,
        Sections = text.Length == 0 ? [] : [new Section([], 0, text.Length)],
        Paragraphs = [],
    };

    /// <summary>Every word is a token.</summary>
    private sealed class WordsAsTokens : ITextTokenizer
    {
        public string Hash => "words";

        public int VocabularySize => 1;

        public IReadOnlySet<int> EndIds { get; } = new HashSet<int>();

        public int? BeginId => null;

        public IReadOnlyList<TextToken> Encode(string text) => [.. TextWords.Of(text).Select(word => new TextToken(0, word.Start, word.End))];

        public IReadOnlyList<int> EncodePrompt(string prompt) => throw new NotSupportedException();

        public string Decode(IEnumerable<int> ids, bool keepSpecial = false) => throw new NotSupportedException();
    }
}
