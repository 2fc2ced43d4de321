using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Answering.Summaries.Written;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Tests.Documents;
using RetrievalAttention.Tests.Models;

namespace RetrievalAttention.Tests.Answering.Summaries.Written;

[Collection(Shipped.OneAtATime)]
public sealed class SummaryWriterTests(TinyStory story) : IClassFixture<TinyStory>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ReadBook Book => story.Book;

    [Fact]
    public void NoLevelIsLongerNoSectionIsDroppedAndEveryWrittenSentenceIsSupported()
    {
        using ReadStory story = new(Shipped.Model, chapters: 2);
        BookSummary summary = story.Written;
        Assert.Equal(2, summary.Parts.Count);
        Assert.NotNull(summary.Writing);
        Assert.True(summary.Writing.Written > 0, "the model wrote nothing, so nothing was tested");
        foreach ((PartSummary written, PartSummary quoted) in summary.Parts.Zip(story.Quoted.Parts))
        {
            Assert.NotEmpty(written.Sentences);
            Assert.True(Words(written.Sentences) <= Words(quoted.Sentences));
        }
        // So few words need none.
        Assert.Empty(summary.Overview);
        Assert.All(summary.Sentences, sentence =>
        {
            Assert.NotEmpty(sentence.Sources);
            string cited = string.Join('\n', sentence.Sources.Select(source => story.Book.Document.Text[source.Start..source.End]));
            if (sentence.Kind == SummarySentenceKind.Quoted) Assert.Equal(cited, sentence.Text);
            else Assert.True(sentence.Support > 0);
            Assert.All(ProseFacts.Of(sentence.Text), fact => Assert.True(ProseFacts.Holds(story.Book.Document.Text, fact), fact));
        });
    }

    [Fact]
    public void AnOverviewIsShorterAndFromTheWholeLength()
    {
        using ReadStory longer = new(story.Model, chapters: 12);
        BookSummary summary = longer.Written;
        Assert.Equal(12, summary.Parts.Count);
        Assert.NotEmpty(summary.Overview);
        Assert.True(Words(summary.Overview) <= Words(summary.Sentences) / 2, $"{Words(summary.Overview)} of {Words(summary.Sentences)} words");
        int[] places = [.. summary.Overview.Select(sentence => sentence.Sources[0].Start)];
        Assert.Equal(places.Order(), places);
        Assert.True(places[0] < longer.Book.Document.Text.Length / 2 && places[^1] > longer.Book.Document.Text.Length / 2, string.Join(", ", places));
    }

    [Fact]
    public void WhatWasWrittenIsFoundAgainAfterAHalfWrittenLine()
    {
        BookSummary first = story.Written;
        using MemoryFile memory = story.OpenMemory();
        File.Copy(story.Done, Done);
        File.AppendAllText(Done, "{\"Key\":\"cut o");
        List<long> found = [];
        BookSummary again = Write(memory, new Reports(report => found.Add(report.AlreadyDone)));
        Assert.Equal(first.Sentences.Select(sentence => sentence.Text), again.Sentences.Select(sentence => sentence.Text));
        Assert.Equal(first.Overview.Select(sentence => sentence.Support), again.Overview.Select(sentence => sentence.Support));
        Assert.Equal([.. File.ReadAllLines(story.Done), "{\"Key\":\"cut o"], File.ReadAllLines(Done));
        Assert.Equal(found.Count - 1, found.Max());
    }

    [Fact]
    public void StoppedWritingKeepsItsSectionsWhichAreTheSameNextTime()
    {
        using MemoryFile memory = story.OpenMemory();
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Write(memory, new Reports(report => { if (report.Done == 1) stop.Cancel(); }), stop.Token));
        _ = story.Written;
        Assert.Equal(File.ReadAllLines(story.Done)[0], Assert.Single(File.ReadAllLines(Done)));
    }

    [Fact]
    public void OfABookThatIsStillBeingReadTheRestIsQuotedAndToldSo()
    {
        using CancellationTokenSource stop = new();
        MemoryStore store = new(_folder.Path, ReadStory.Steps);
        Assert.Throws<OperationCanceledException>(() => store.OpenOrRead(
            Book.Document, story.Model, 0, forceRetrieval: true, new Reports(report => { if (report.Done >= 128) stop.Cancel(); }), null, stop.Token).Dispose());
        using MemoryFile memory = store.OpenAsFarAsRead(Book.Document, story.Model)!;
        Assert.False(memory.Complete);
        BookSummary summary = Write(memory);
        Assert.Contains($"{memory.Blocks} of {Book.Blocks.Count} blocks", Assert.Single(summary.Notes, note => note.Contains("still being read", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.All(summary.Parts[^1].Sentences, sentence => Assert.Equal(SummarySentenceKind.Quoted, sentence.Kind));
        Assert.Equal(3, summary.Coverage.SectionsUsed);
    }

    [Fact]
    public void WhatDoesNotFitTheModelIsQuoted()
    {
        using MemoryFile memory = story.OpenMemory();
        SummarySentence key = story.Quoted.Sentences.First();
        int times = story.Model.Weights.Config.ContextLength / story.Model.Tokenizer.Encode(key.Text).Count + 1;
        SectionTask task = SectionTask.Of("\"book\"", [.. Enumerable.Repeat(key, times)], ProseWords.Count(key.Text), memory.Blocks);
        (IReadOnlyList<SummarySentence> sentences, WritingCounts counts) = new SectionWriter(story.Model, Book, memory, ReadStory.Options).Shorten(task, TestContext.Current.CancellationToken);
        Assert.Equal([key], sentences);
        Assert.Equal(WritingCounts.None, counts);
    }

    [Fact]
    public void WhatStandsBeforeMayBeLongerThanTheRoom()
    {
        using MemoryFile memory = story.OpenMemory();
        SectionTask task = SectionTask.Of("\"book\"", [story.Quoted.Sentences.First()], 20, memory.Blocks);
        using SectionContext context = new(story.Model, memory, task, room: 24);
        string before = string.Join(' ', Enumerable.Repeat("The boat left the harbour.", 40));
        Assert.NotNull(context.Write(before, ReadStory.Options with { MaxAnswerTokens = 12 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void KeySentencesThatStandInComeFromTheWholeLength()
    {
        using MemoryFile memory = story.OpenMemory();
        SummarySentence key = story.Quoted.Sentences.First();
        SummarySentence[] keys = [.. Enumerable.Range(0, 8).Select(i => key with { Support = i })];
        SectionTask task = SectionTask.Of("\"book\"", keys, 4 * ProseWords.Count(key.Text), memory.Blocks);
        (IReadOnlyList<SummarySentence> sentences, _) = new SectionWriter(story.Model, Book, memory, ReadStory.Options).Shorten(task, TestContext.Current.CancellationToken);
        Assert.Equal([1.0, 3.0, 5.0, 7.0], sentences.Select(sentence => sentence.Support!.Value));
    }

    public void Dispose() => _folder.Dispose();

    private string Done => Path.Combine(_folder.Path, "written.jsonl");

    private static int Words(IEnumerable<SummarySentence> sentences) => sentences.Sum(sentence => ProseWords.Count(sentence.Text));

    private BookSummary Write(MemoryFile memory, IProgress<WorkProgress>? progress = null, CancellationToken? cancellation = null)
    {
        using WrittenSections done = WrittenSections.Open(Done);
        return new SummaryWriter(story.Model, ReadStory.Options, done).Write(Book, story.Quoted, memory, progress, cancellation ?? TestContext.Current.CancellationToken);
    }

    private sealed class Reports(Action<WorkProgress> act) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => act(value);
    }
}

/// <summary>Read by a small model of random weights, which is quick and writes nothing that passes.</summary>
public sealed class TinyStory : IDisposable
{
    private readonly TinyModelFolder _folder = new();
    private readonly ReadStory _story;

    public TinyStory()
    {
        Model = new LoadedModel(_folder.ModelPath, TorchSharp.torch.CPU, reading: TorchSharp.torch.float32);
        _story = new ReadStory(Model, chapters: 3);
    }

    public LoadedModel Model { get; }

    public ReadBook Book => _story.Book;

    public BookSummary Quoted => _story.Quoted;

    public BookSummary Written => _story.Written;

    public string Done => _story.Done;

    public MemoryFile OpenMemory() => _story.OpenMemory();

    public void Dispose()
    {
        _story.Dispose();
        Model.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A story of some chapters, its quoted summary and its memory.</summary>
public sealed class ReadStory : IDisposable
{
    private readonly LoadedModel _model;
    private readonly TemporaryFolder _folder = new();
    private BookSummary? _written;

    public ReadStory(LoadedModel model, int chapters)
    {
        _model = model;
        string path = _folder.Write("book.txt", string.Join("\n\n", Enumerable.Range(1, chapters).Select(Chapter)));
        Document document = DocumentReaders.All.Read(path, new ReadingOptions(), null, TestContext.Current.CancellationToken);
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, TorchSharp.torch.CPU, new EmbedderOptions());
        Book = new BookReading(embedder).Read(document, TextBlocks.Of(document.Text, _model.Tokenizer), null, null, TestContext.Current.CancellationToken);
        Quoted = new Summarizer().Summarize(Book, SummaryLength.Short);
        new MemoryStore(_folder.Path, Steps).OpenOrRead(document, _model, 0, forceRetrieval: true, null, null, TestContext.Current.CancellationToken).Dispose();
    }

    /// <summary>Short steps, so that a short story has several.</summary>
    public static MemoryOptions Steps { get; } = new() { Step = 128, Window = 256, FullAttentionTokens = 0 };

    public static AnsweringOptions Options { get; } = new() { MaxAnswerTokens = 40 };

    public ReadBook Book { get; }

    public BookSummary Quoted { get; }

    /// <summary>Where the sections of <see cref="Written"/> were kept.</summary>
    public string Done => Path.Combine(_folder.Path, "written.jsonl");

    /// <summary>Written on first need.</summary>
    public BookSummary Written => _written ??= Write();

    private BookSummary Write()
    {
        using MemoryFile memory = OpenMemory();
        using WrittenSections done = WrittenSections.Open(Done);
        return new SummaryWriter(_model, Options, done).Write(Book, Quoted, memory, null, TestContext.Current.CancellationToken);
    }

    public MemoryFile OpenMemory() => new MemoryStore(_folder.Path, Steps).OpenAsFarAsRead(Book.Document, _model)!;

    public void Dispose() => _folder.Dispose();

    private static string Chapter(int n) =>
        $"Chapter {n}\n\nThe boat left the harbour of Ystad number {n} at dawn with forty men and a cargo of salt. Captain Lind stood at the wheel and watched the grey water until noon. "
        + "The wind rose in the evening and the mast was broken by a heavy sea. Nobody on the boat had seen such a storm before that night. In the morning Lind counted his men, and two of them were missing.";
}
