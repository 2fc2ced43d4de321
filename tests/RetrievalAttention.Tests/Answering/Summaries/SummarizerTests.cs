using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Tests.Documents;

namespace RetrievalAttention.Tests.Answering.Summaries;

[Collection(Shipped.OneAtATime)]
public sealed class SummarizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SentenceEmbedder _embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, TorchSharp.torch.CPU, new EmbedderOptions());

    [Fact]
    public void EveryChapterIsRepresentedAndEveryBlockRead()
    {
        ReadBook book = Read(string.Join("\n\n", Enumerable.Range(1, 8).Select(n => $"Chapter {n}\n\nThe boat left the harbour number {n} at dawn with forty men. The wind rose in the evening and the mast was broken. Nobody on the boat had seen such a storm before that night.")));
        BookSummary summary = new Summarizer().Summarize(book, SummaryLength.Short);
        Assert.Equal(8, summary.Coverage.Sections);
        Assert.Equal(8, summary.Coverage.SectionsUsed);
        Assert.Equal(summary.Coverage.Blocks, summary.Coverage.BlocksRead);
        Assert.True(summary.Words <= summary.BookWords);
        Assert.All(summary.Sentences, sentence => Assert.Equal(sentence.Text, book.Document.Text[sentence.Sources[0].Start..sentence.Sources[0].End]));
    }

    [Fact]
    public void ATitlePageIsNoChapterAndWhatIsSaidTwiceIsQuotedOnce()
    {
        const string Refrain = "The old bell of the harbour church rang over the town for the drowned men of the winter.";
        string chapter = string.Join(' ', Enumerable.Range(1, 12).Select(n => $"Boat number {n} came back to the harbour in the evening with a torn sail and with few fish."));
        ReadBook book = Read($"The Harbour\n\nBy the author of the storm and of other tales for winter evenings.\n\n\nCHAPTER I\n\n{Refrain} {chapter}\n\n\nCHAPTER II\n\n{Refrain} {chapter.Replace("Boat", "Ship", StringComparison.Ordinal)}");
        BookSummary summary = new Summarizer().Summarize(book, SummaryLength.Long);
        Assert.Equal(["CHAPTER I", "CHAPTER II"], summary.Parts.Select(part => string.Join(' ', part.HeadingPath)));
        Assert.Equal(summary.Coverage.Blocks, summary.Coverage.BlocksRead);
        Assert.Equal(summary.Sentences.Count(), summary.Sentences.Select(sentence => sentence.Text).Distinct().Count());
    }

    [Fact]
    public void SeveralBooksShareTheLengthOfOne()
    {
        SummaryBudget whole = SummaryBudget.Of(SummaryLength.Short), half = whole.Shared(0.5, 2);
        Assert.Equal(whole.Words(60_000) / 2, half.Words(30_000));
        Assert.Equal(whole.Words(600_000), 2 * half.Words(300_000));
        ReadBook book = Read(string.Join("\n\n", Enumerable.Range(1, 8).Select(n => $"Chapter {n}\n\nThe boat left the harbour number {n} at dawn with forty men and one old dog.")));
        Assert.Equal(8, new Summarizer().Summarize(book, SummaryLength.Short, half).Coverage.Sections);
        Assert.Equal(1, new Summarizer().Summarize(book, SummaryLength.Short, whole.Shared(0.1, 10)).Coverage.Sections);
    }

    [Fact]
    public void OneSentenceIsItsOwnSummaryAndTheLimitIsTold()
    {
        BookSummary summary = new Summarizer().Summarize(Read("The lamp on the pier burned all night for the boats that never came."), SummaryLength.Long);
        Assert.Equal("The lamp on the pier burned all night for the boats that never came.", Assert.Single(summary.Sentences).Text);
        Assert.Single(summary.Notes);
    }

    [Theory]
    [InlineData("Der Hafen war leer und die Boote lagen am Strand. Niemand wollte an diesem Morgen hinausfahren.\n\nThe harbour was empty and nobody went out that morning.")]
    [InlineData("Tiger, tiger, burning bright\nIn the forests of the night,\nWhat immortal hand or eye\nCould frame thy fearful symmetry?")]
    [InlineData("LADY ANNE. Where have you been all the evening?\n\nLORD HUGH. At the club, where else should a man go?")]
    public void TwoLanguagesAPoemAndAPlayAreQuotedAndNeverLengthened(string text)
    {
        BookSummary summary = new Summarizer().Summarize(Read(text), SummaryLength.Medium);
        Assert.NotEmpty(summary.Sentences);
        Assert.True(summary.Words <= summary.BookWords);
    }

    [Fact]
    public void StoredVectorsAreFoundAgainAndAHalfWrittenRecordIsCutOff()
    {
        string path = System.IO.Path.Combine(_folder.Path, "book.vectors"), key = new('a', 64);
        using (SentenceVectorFile file = SentenceVectorFile.Open(path)) file.Add("model", [KeyValuePair.Create(key, (float[])[0.5f, -0.25f])]);
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.Position = stream.Length;
            stream.Write([1, 2, 3]);
        }
        using SentenceVectorFile again = SentenceVectorFile.Open(path);
        Assert.Equal([0.5f, -0.25f], again.Find("model", [key])[key]);
        Assert.Empty(again.Find("other", [key]));
    }

    public void Dispose()
    {
        _embedder.Dispose();
        _folder.Dispose();
    }

    private ReadBook Read(string text)
    {
        string path = System.IO.Path.Combine(_folder.Path, "book.txt");
        File.WriteAllText(path, text);
        Document document = DocumentReaders.All.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken);
        return new BookReading(_embedder).Read(document, TextBlocks.Of(document.Text, Shipped.Model.Tokenizer), null, null, TestContext.Current.CancellationToken);
    }
}
