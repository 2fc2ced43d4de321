using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

/// <summary>Blocks of several memories in one context.</summary>
public sealed class MemoryShelfTests : IClassFixture<TinyMemories>, IDisposable
{
    private readonly TinyMemories _tiny;
    private readonly DocumentMemory _sea, _thing;
    private readonly MemoryShelf _shelf;

    public MemoryShelfTests(TinyMemories tiny)
    {
        _tiny = tiny;
        _sea = tiny.Open(tiny.NewFolder());
        _thing = Read("Thing", string.Join(' ', Enumerable.Range(0, 150).Select(i => i % 7 == 6 ? "a thing in the letter." : "easing")), TinyMemories.Options with { Format = MemoryFormat.Float16 });
        _shelf = new MemoryShelf(_sea, _thing);
    }

    public void Dispose()
    {
        _sea.Dispose();
        _thing.Dispose();
    }

    [Fact]
    public void BlocksAreNumberedThroughAndBack()
    {
        Assert.True(_sea.File.Blocks > 3 && _thing.File.Blocks > 3);
        Assert.Equal(_sea.File.Blocks + _thing.File.Blocks, _shelf.Blocks);
        for (int block = 0; block < _shelf.Blocks; block++)
        {
            (int book, int own) = _shelf.Locate(block);
            Assert.Equal(block, _shelf.NumberOf(book, own));
            (int start, int end) = _shelf.Books[book].Index!.TextRange(own);
            Assert.Equal(_shelf.Books[book].Document.Text[start..end], _shelf.TextOf(block));
        }
        Assert.Equal((0, _sea.File.Blocks - 1), _shelf.Locate(_sea.File.Blocks - 1));
        Assert.Equal((1, 0), _shelf.Locate(_sea.File.Blocks));
        Assert.Throws<ArgumentOutOfRangeException>(() => _shelf.Locate(_shelf.Blocks));
        Assert.False(_shelf.Full);
    }

    [Fact]
    public void TheLogitsAreThoseOfBlocksPackedByHand()
    {
        int last = _thing.File.Blocks - 1;
        int[] blocks = [1, 3, _shelf.NumberOf(1, 0), _shelf.NumberOf(1, last)];
        IReadOnlyList<int> prompt = QuestionPrompt.Build(_tiny.Model, "Where is the thing?", []).Ids;
        using var scope = NewDisposeScope();
        using AttentionContext byShelf = NewContext(), byHand = NewContext();
        IReadOnlyList<(int Start, int End)> spans = _shelf.Append(byShelf, _tiny.Model.Decoder, blocks);

        (Tensor seaKeys, Tensor seaValues) = _sea.File.Read([1, 3]);
        (Tensor thingKeys, Tensor thingValues) = _thing.File.Read([0, last]);
        int inLast = _thing.File.Tokens - last * KvCodec.BlockTokens;
        Tensor Packed(Tensor sea, Tensor thing) => cat([sea[0], sea[1], thing[0], thing[1].narrow(2, 0, inLast)], 2);
        MemoryContext.AppendTokens(byHand, _tiny.Model.Decoder, Packed(seaKeys, thingKeys), Packed(seaValues, thingValues));

        Assert.Equal(byHand.Length, byShelf.Length);
        int header = _tiny.Model.Header.Length;
        Assert.Equal([(header, header + 64), (header + 64, header + 128), (header + 128, header + 192), (header + 192, header + 192 + inLast)], spans);
        Assert.Equal(Logits(byHand), Logits(byShelf));
        using AttentionContext alone = NewContext();
        _shelf.Append(alone, _tiny.Model.Decoder, blocks[..2]);
        Assert.NotEqual(Logits(byHand), Logits(alone));

        AttentionContext NewContext() => _tiny.Model.Header.NewContext(blocks.Length * KvCodec.BlockTokens + prompt.Count);
        float[] Logits(AttentionContext context)
        {
            int before = context.Length;
            Tensor hidden = _tiny.Model.Decoder.Forward(tensor(prompt.Select(id => (long)id).ToArray()), context);
            context.Truncate(before);
            return _tiny.Model.Decoder.Logits(hidden[^1..])[0].data<float>().ToArray();
        }
    }

    [Fact]
    public void AShelfOfOneBookIsTheBook()
    {
        MemoryShelf one = new(_sea);
        using AttentionContext byShelf = _tiny.Model.Header.NewContext(256), byFile = _tiny.Model.Header.NewContext(256);
        Assert.Equal(MemoryContext.Append(byFile, _tiny.Model.Decoder, _sea.File, [0, 2]), one.Append(byShelf, _tiny.Model.Decoder, [0, 2]));
        using Tensor expected = byFile.Keys(1), found = byShelf.Keys(1);
        Assert.True(found.equal(expected).all().item<bool>());
        Assert.Equal(2, one.NumberOf(0, 2));
        Assert.Empty(one.Append(byShelf, _tiny.Model.Decoder, []));
    }

    [Fact]
    public void MemoriesOfAnotherHeaderOrModelAreRefusedAndOtherFormatsAreNot()
    {
        foreach ((MemoryFingerprint other, string named) in ((MemoryFingerprint, string)[])
            [(_sea.File.Fingerprint with { Header = "0123456789abcdef" }, "header"), (_sea.File.Fingerprint with { ModelHash = "of another" }, "modelHash")])
        {
            using MemoryFile file = MemoryFile.Create(Path.Combine(_tiny.NewFolder(), "other.memory"), other);
            using DocumentMemory foreign = new(_thing.Document, file, null, false, 0, TimeSpan.Zero);
            ProblemException problem = Assert.Throws<ProblemException>(() => new MemoryShelf(_sea, foreign));
            Assert.Equal(ProblemKind.Index, problem.Kind);
            Assert.Contains($"{named}: the file has", problem.Message, StringComparison.Ordinal);
            Assert.Contains("'Thing'", problem.Message, StringComparison.Ordinal);
        }
        using DocumentMemory narrow = _tiny.Open(_tiny.NewFolder(), TinyMemories.Options with { Format = MemoryFormat.Int4, Window = 192 });
        Assert.Equal(2, new MemoryShelf(_thing, narrow).Books.Count);
    }

    [Fact]
    public void SourcesNameTheirBookAndNeverRunOnIntoTheNext()
    {
        int lastOfSea = _sea.File.Blocks - 1;
        IReadOnlyList<AnswerSource> sources = Citations.From(
            _shelf, new Dictionary<int, double> { [lastOfSea] = 1, [lastOfSea + 1] = 3, [lastOfSea + 2] = 2, [0] = 0.5 }, most: 8);
        Assert.Equal(["Thing", "Tiny", "Tiny"], sources.Select(source => source.Title));
        Assert.Equal([5 / 6.5, 1 / 6.5, 0.5 / 6.5], sources.Select(source => source.Attention), (a, b) => Math.Abs(a - b) < 1e-9);
        foreach (AnswerSource source in sources)
        {
            string text = source.Title == "Tiny" ? _sea.Document.Text : _thing.Document.Text;
            Assert.Equal(text[source.Start..source.End], source.Quote);
        }
    }

    [Fact]
    public void AnAnswerOverTwoBooksHasTheSameSourcesWhicheverBookTheSearchPrefers()
    {
        AnsweringOptions options = new() { MaxAnswerTokens = 3, MemoryBlocks = 4, Candidates = 4, QuotedBlocks = 0, Neighbours = 0 };
        int[] best = [_shelf.NumberOf(1, 1), 2, 0, _shelf.NumberOf(1, 3)];
        Answer Ask(IEnumerable<int> ranked) => new Answerer(_tiny.Model, options, (_, _) => [.. ranked]).Ask(_shelf, new UserQuestion("Where is the thing?"), null, CancellationToken.None);
        Answer forwards = Ask(best), backwards = Ask(best.Reverse());
        Assert.Equal(AnswerMode.Memory, forwards.Mode);
        Assert.Equal(forwards.Text, backwards.Text);
        Assert.Equal(forwards.Sources, backwards.Sources);
        Assert.Equal(["Thing", "Tiny"], forwards.Sources.Select(source => source.Title).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(1, forwards.Sources.Sum(source => source.Attention), 6);
        Assert.True(double.IsFinite(forwards.Support.Gain));
    }

    private DocumentMemory Read(string title, string text, MemoryOptions options)
    {
        Document document = TinyMemories.DocumentOf(text) with { Title = title, Path = $"/nowhere/{title}.txt" };
        return new MemoryStore(_tiny.NewFolder(), options).OpenOrRead(document, _tiny.Model, 0, forceRetrieval: true, null, null, TestContext.Current.CancellationToken);
    }
}
