using CsCheck;
using RetrievalAttention.Documents;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Passages;

public class PassageSplitterTests
{
    private static readonly PassageOptions Small = new() { TargetTokens = 16, MaximumTokens = 24, HeadingTokens = 8 };

    [Fact]
    public void EveryNonBlankCharacterBelongsToExactlyOnePassage()
    {
        int examined = 0;
        Documents.Sample(document =>
        {
            int position = 0;
            IReadOnlyList<Passage> passages = PassageSplitter.Split(document, CountWords, Small);
            for (int i = 0; i < passages.Count; i++)
            {
                Passage passage = passages[i];
                Assert.Equal(i, passage.Index);
                Assert.True(passage.Start < passage.End);
                Assert.True(string.IsNullOrWhiteSpace(document.Text[position..passage.Start]));
                Section section = document.Sections[passage.Section];
                Assert.True(section.Start <= passage.Start && passage.End <= section.End, "A passage crosses a section.");
                Assert.True(passage.Tokens <= Small.MaximumTokens, $"{passage.Tokens} tokens");
                Assert.Equal(WithoutBlanks(document.Text[passage.Start..passage.End]), WithoutBlanks(passage.Text));
                position = passage.End;
                Interlocked.Increment(ref examined);
            }
            Assert.True(string.IsNullOrWhiteSpace(document.Text[position..]));
        }, iter: 2_000);
        Assert.True(examined > 1_000, $"{examined} passages");
    }

    [Fact]
    public void PassagesEndAtSentenceEnds()
    {
        string text = string.Join(' ', Enumerable.Range(0, 200).Select(i => $"Sentence number {i} holds {string.Join(' ', Enumerable.Repeat("more", i % 7))} words."));
        IReadOnlyList<Passage> passages = PassageSplitter.Split(DocumentOf(text), CountWords, Small);
        Assert.True(passages.Count > 50);
        Assert.All(passages, passage => Assert.EndsWith("words.", passage.Text));
        Assert.All(passages, passage => Assert.InRange(passage.Tokens, 8, 24));
    }

    [Fact]
    public void AHeadingStaysWithWhatFollowsIt()
    {
        string before = string.Join(' ', Enumerable.Repeat("Seven words stand in this short sentence.", 4));
        string text = $"{before}\n\nThe Storm\n\nIt rained. It blew.";
        int heading = text.IndexOf("The Storm", StringComparison.Ordinal);
        Document document = DocumentOf(text) with
        {
            Paragraphs =
            [
                new Paragraph(0, before.Length, ParagraphKind.Body),
                new Paragraph(heading, heading + 9, ParagraphKind.Heading),
                new Paragraph(heading + 11, text.Length, ParagraphKind.Body),
            ],
        };
        Passage last = PassageSplitter.Split(document, CountWords, Small)[^1];
        Assert.EndsWith("The Storm\nIt rained. It blew.", last.Text);
    }

    [Fact]
    public void TheInnermostHeadingsThatFitAreEmbedded()
    {
        Document document = DocumentOf("He ran.") with
        {
            Sections = [new Section(["A very long title of a whole book that is too long", "Part One", "The Storm"], 0, 7)],
        };
        Passage passage = Assert.Single(PassageSplitter.Split(document, CountWords, Small));
        Assert.Equal("Part One › The Storm\nHe ran.", passage.EmbeddedText);
        Assert.Equal("He ran.", passage.Text);
    }

    [Fact]
    public void ASentenceBeyondTheMaximumIsCutAfterAClause()
    {
        string text = string.Join(", ", Enumerable.Repeat("one two three four five six seven", 20));
        IReadOnlyList<Passage> passages = PassageSplitter.Split(DocumentOf(text), CountWords, Small);
        Assert.All(passages.SkipLast(1), passage => Assert.EndsWith("seven,", passage.Text));
    }

    [Fact]
    public void AMegabyteWithoutBlanksIsCutBetweenCharacters()
    {
        string text = string.Concat(Enumerable.Repeat("👩‍🚀e\u0301", 100_000));
        IReadOnlyList<Passage> passages = PassageSplitter.Split(DocumentOf(text), CountWords, Small);
        Assert.True(passages.Count > 1_000);
        Assert.All(passages, passage => Assert.False(char.IsLowSurrogate(passage.Text[0]) || passage.Text[0] == '\u0301' || char.IsHighSurrogate(passage.Text[^1])));
    }

    [Fact]
    public void LinesOfVerseStayLines()
    {
        const string Text = "Fifteen men on the dead man's chest\nYo-ho-ho, and a bottle of rum!";
        Document document = DocumentOf(Text) with { Paragraphs = [new Paragraph(0, Text.Length, ParagraphKind.Verse)] };
        Assert.Equal(Text, Assert.Single(PassageSplitter.Split(document, CountWords, Small)).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n ")]
    public void ABlankDocumentHasNoPassages(string text) => Assert.Empty(PassageSplitter.Split(DocumentOf(text), CountWords, Small));

    [Fact]
    public void AllFaultyOptionsAreNamedAtOnce()
    {
        var options = new PassageOptions { TargetTokens = 2, MaximumTokens = 1, HeadingTokens = -1 };
        var problem = Assert.Throws<ProblemException>(() => PassageSplitter.Split(DocumentOf("x"), CountWords, options));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
        Assert.All(["TargetTokens is 2", "MaximumTokens is 1", "HeadingTokens is -1"], fault => Assert.Contains(fault, problem.Message));
    }

    /// <summary>Random words, stops and breaks; random sections; paragraphs of random kinds that need not cover everything.</summary>
    private static readonly Gen<Document> Documents =
        from words in Gen.OneOf("word", "Mr. Smith", "ran.", "Stop!", "\n", "\n\n", "\r\n\r\n", "x,", "😀", "。", "long-hyphenated-compound-word", "  ").Array[0, 300]
        from cuts in Gen.Int[0, 100].Array[6]
        from kinds in Gen.Int[0, 5].Array[7]
        select Build(string.Join(' ', words), cuts, kinds);

    private static Document Build(string text, int[] cuts, int[] kinds)
    {
        int[] at = [0, .. cuts.Select(cut => cut * text.Length / 100).Order(), text.Length];
        var sections = new List<Section>();
        var paragraphs = new List<Paragraph>();
        for (int i = 0; i + 1 < at.Length; i++)
        {
            if (at[i] == at[i + 1]) continue;
            sections.Add(new Section([$"Section {i}"], at[i], at[i + 1]));
            int middle = (at[i] + at[i + 1]) / 2;
            if (middle > at[i]) paragraphs.Add(new Paragraph(at[i], middle, (ParagraphKind)kinds[i]));
        }
        return DocumentOf(text) with { Sections = sections, Paragraphs = paragraphs };
    }

    private static Document DocumentOf(string text) => new()
    {
        Path = "/corpora/made-up.txt",
        Format = RetrievalAttention.Documents.DocumentFormat.Text,
        Title = "Made up",
        ContentHash = "00",
        Text = text,
        Sections = text.Length == 0 ? [] : [new Section([], 0, text.Length)],
        Paragraphs = text.Length == 0 ? [] : [new Paragraph(0, text.Length, ParagraphKind.Body)],
    };

    private static int CountWords(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private static string WithoutBlanks(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
