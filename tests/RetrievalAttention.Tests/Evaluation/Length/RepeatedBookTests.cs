using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Memory;
using TorchSharp;

namespace RetrievalAttention.Tests.Evaluation.Length;

[Collection(Shipped.OneAtATime)]
public sealed class RepeatedBookTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    [Fact]
    public void TokensStandInTheTextOfEveryRepetition()
    {
        IReadOnlyList<TextToken> tokens = tiny.Model.Tokenizer.Encode(tiny.Text);
        RepeatedBook book = new(tiny.Document, tokens, unit: 100);
        Assert.Equal(64, book.Unit);
        Document document = book.Document(150);
        IReadOnlyList<TextToken> repeated = book.Tokens(150);
        Assert.Equal(150, repeated.Count);
        for (int i = 0; i < 150; i++) Assert.Equal(tiny.Text[tokens[i % 64].Start..tokens[i % 64].End], document.Text[repeated[i].Start..repeated[i].End]);
        Assert.Equal(document.Text.Length, repeated[^1].End);
        Assert.Equal([64, 128, 150], document.Sections.Select(section => repeated.Count(token => token.End <= section.End)));
    }

    [Fact]
    public void CopiedBlocksAreThoseOfTheBeginning()
    {
        RepeatedBook book = new(tiny.Document, tiny.Model.Tokenizer.Encode(tiny.Text), unit: 128);
        string folder = tiny.NewFolder();
        MemoryFile Create(string name, int tokens) =>
            MemoryFile.Create(Path.Combine(folder, name), tiny.Model.Fingerprint(book.Document(tokens).ContentHash, tokens, TinyMemories.Options.Window, TinyMemories.Options));
        using MemoryFile source = Create("source.memory", 128), copy = Create("copy.memory", 320);
        tiny.Model.NewPrefill(TinyMemories.Options.Window, TinyMemories.Options.Step).Run(book.Tokens(128), source, null, "Reading", TestContext.Current.CancellationToken);
        book.Copy(source, copy, 5, null, TestContext.Current.CancellationToken);
        Assert.True(copy.Complete);
        for (int block = 0; block < 5; block++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            Assert.Equal(0, (copy.Read([block]).Keys - source.Read([block % 2]).Keys).abs().max().item<float>(), 0.05);
            Assert.Equal(book.Tokens(320).Skip(block * 64).Take(64), copy.ReadTokens(block));
        }
    }

    [Fact]
    public void ATextShorterThanABlockIsRefused() =>
        Assert.Equal(ProblemKind.Document, Assert.Throws<ProblemException>(() => new RepeatedBook(tiny.Document, [.. tiny.Model.Tokenizer.Encode(tiny.Text).Take(63)], 64)).Kind);
}
