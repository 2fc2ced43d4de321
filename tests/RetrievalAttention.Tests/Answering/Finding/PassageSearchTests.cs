using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Catalog;
using TorchSharp;

namespace RetrievalAttention.Tests.Answering.Finding;

[Collection(Shipped.OneAtATime)]
public sealed class PassageSearchTests : IDisposable
{
    private readonly TemporaryLibrary _temporary = new();
    private readonly SentenceEmbedder _embedder = SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions());

    public void Dispose()
    {
        _embedder.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task ResultsSayWhereTheyStandAndWhyTheyWereFound()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        FoundPassage best = search.Search("Who locked the powder away?", 3)[0];
        Assert.Equal("The captain locked the powder away, for he did not trust the crew.", Assert.Single(best.Sentences));
        Assert.Equal("Voyage", best.Place.Section.Split(" › ")[^1]);
        Assert.Equal(0, best.Places[SignalKind.Words].Rank);
        Assert.Equal(0, best.Places[SignalKind.Vectors].Rank);
        string file = File.ReadAllText(best.Place.Document);
        Assert.Contains("powder", file[best.Place.Start..best.Place.End], StringComparison.Ordinal);
        Assert.NotNull(best.After);
    }

    [Fact]
    public async Task WordsInQuotationMarksMustStandTogetherWhereTheyDoAnywhere()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        IReadOnlyList<FoundPassage> found = search.Search("\"powder away\" crew", 10, null, out bool? phrases);
        Assert.NotEmpty(found);
        Assert.All(found, one => Assert.Contains("powder away", one.Passage.Passage.Text, StringComparison.Ordinal));
        Assert.True(phrases);
        Assert.NotEmpty(search.Search("\"away powder\" crew", 10, null, out phrases));
        Assert.False(phrases);
        search.Search("powder away", 10, null, out phrases);
        Assert.Null(phrases);
    }

    [Fact]
    public async Task InABookWithMemoryAttentionVotesAndLooksASecondTime()
    {
        await IngestAsync();
        MemoryStore memories = new(_temporary.Library.MemoryFolder, new MemoryOptions { FullAttentionTokens = 0, Format = MemoryFormat.Float16 });
        Document sea = _temporary.Library.LoadDocument(_temporary.Library.Documents.Find("sea").Id);
        memories.OpenOrRead(sea, Shipped.Model, MemoryStore.QuestionRoom, forceRetrieval: false, null, _ => { }, TestContext.Current.CancellationToken).Dispose();
        using LibraryAttention attention = new(_temporary.Library, memories, () => Shipped.Model);
        using PassageSearch search = PassageSearch.Open(_temporary.Library, _embedder, new VectorOptions(), torch.CPU, attention);

        IReadOnlyList<FoundPassage> found = search.Search("Who locked the powder away?", 10);
        Assert.Contains("powder", found[0].Passage.Passage.Text, StringComparison.Ordinal);
        Assert.Contains(SignalKind.Attention, found[0].Places.Keys);
        FoundPassage[] looked = [.. found.Where(one => one.SecondLook is not null)];
        Assert.NotEmpty(looked);
        Assert.Equal(Enumerable.Range(0, looked.Length), looked.Select(one => one.SecondLook!.Value));
        Assert.All(looked, one => Assert.EndsWith("sea.md", one.Place.Document, StringComparison.Ordinal));
        Assert.Contains(found, one => one.SecondLook is null && one.Place.Document.EndsWith("garden.md", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ADamagedMemoryIsToldAndTheOtherSignalsFind()
    {
        _temporary.Write("lanterns.md", "# The Lantern Book\n\n" + string.Join("\n\n", Enumerable.Range(1, 12).Select(i => $"The keeper polished lantern number {i} before the night came, and then he slept.")));
        await IngestAsync();
        MemoryStore memories = new(_temporary.Library.MemoryFolder, new MemoryOptions { FullAttentionTokens = 0, Format = MemoryFormat.Float16 });
        Document lanterns = _temporary.Library.LoadDocument(_temporary.Library.Documents.Find("lanterns").Id);
        string path;
        using (DocumentMemory memory = memories.OpenOrRead(lanterns, Shipped.Model, MemoryStore.QuestionRoom, forceRetrieval: false, null, _ => { }, TestContext.Current.CancellationToken))
            path = memory.File.FilePath;
        // The first of several blocks; the last one is looked at when the file is opened.
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 4096 + 3000;
            file.Write([1, 2, 3, 4, 5, 6, 7, 8]);
        }
        List<string> notes = [];
        using LibraryAttention attention = new(_temporary.Library, memories, () => Shipped.Model, notes.Add);
        using PassageSearch search = PassageSearch.Open(_temporary.Library, _embedder, new VectorOptions(), torch.CPU, attention);
        FoundPassage best = search.Search("Who polished lantern number 1 before the night came?", 20)[0];
        Assert.Contains("lantern number 1 ", best.Passage.Passage.Text, StringComparison.Ordinal);
        Assert.Null(best.SecondLook);
        Assert.Contains("memory verify", Assert.Single(notes.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereTheIndexCannotBeSavedItIsSearchedAllTheSame()
    {
        await IngestAsync();
        await File.WriteAllTextAsync(_temporary.Library.VectorFolder, "a file where the folder should be", TestContext.Current.CancellationToken);
        using (PassageSearch search = Open()) Assert.Contains(SignalKind.Vectors, search.Search("Who locked the powder away?", 1)[0].Places.Keys);
        ProblemException problem = Assert.Throws<ProblemException>(() =>
            LibraryVectors.Rebuild(_temporary.Library, _embedder, new VectorOptions(), torch.CPU, null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
    }

    [Fact]
    public async Task AnIndexThatAnotherProcessIsWritingIsLeftAlone()
    {
        await IngestAsync();
        Directory.CreateDirectory(_temporary.Library.VectorFolder);
        string fresh = Path.Combine(_temporary.Library.VectorFolder, "passages-x.exact.1.tmp"), old = Path.Combine(_temporary.Library.VectorFolder, "passages-x.exact.2.tmp");
        foreach (string file in (string[])[fresh, old]) await File.WriteAllTextAsync(file, "unfinished", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1));
        Open().Dispose();
        Assert.Equal((true, false), (File.Exists(fresh), File.Exists(old)));
    }

    [Fact]
    public async Task ANamedSectionIsSearchedFirst()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        Assert.Contains("goat", search.Search("In \"Return\", who went aboard the ship with the captain?", 1)[0].Passage.Passage.Text, StringComparison.Ordinal);
        long garden = _temporary.Library.Documents.Find("garden").Id;
        Assert.All(search.Search("captain", 5, garden), found => Assert.Equal(garden, found.Passage.Document));
    }

    [Fact]
    public async Task NearlyEqualPassagesAreListedOnce()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        IReadOnlyList<FoundPassage> found = search.Search("How are roses watered in the evening?", 10);
        FoundPassage roses = Assert.Single(found, one => one.Passage.Passage.Text.Contains("Roses are watered", StringComparison.Ordinal));
        Assert.Single(roses.Elsewhere);
    }

    [Fact]
    public async Task OddQueriesGiveResultsOrNone()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        Assert.Throws<ProblemException>(() => search.Search("  ", 3));
        Assert.Empty(search.Search("😀🎉 …", 3));
        foreach (string query in (string[])["the", "\"", "a AND (b OR", "白兔子在哪里", "NEAR(x y)", new string('x', 100_000), string.Join(' ', Enumerable.Repeat("roses", 20_000)), "\ud800 roses"])
            Assert.True(search.Search(query, 3).Count <= 3);
    }

    [Fact]
    public async Task ABookThatIsRemovedMeanwhileIsNotListed()
    {
        await IngestAsync();
        using PassageSearch search = Open();
        _temporary.Library.Remove(_temporary.Library.Documents.Find("sea").Id);
        if (!OperatingSystem.IsWindows()) Assert.Empty(Directory.GetFiles(_temporary.Library.VectorFolder));
        IReadOnlyList<FoundPassage> found = search.Search("captain powder ship", 10);
        Assert.NotEmpty(found);
        Assert.All(found, one => Assert.EndsWith(".md", one.Place.Document, StringComparison.Ordinal));
        Assert.DoesNotContain(found, one => one.Place.Document.EndsWith("sea.md", StringComparison.Ordinal));
        using PassageSearch again = Open();
        Assert.Equal(_temporary.Library.Embeddings.PassagesOf(_embedder.Hash).Count, again.Search("garden", 100).Sum(one => 1 + one.Elsewhere.Count));
    }

    [Fact]
    public async Task AnotherEmbedderNeverMeetsTheVectorsOfTheOneBefore()
    {
        await IngestAsync();
        Open().Dispose();
        using SentenceEmbedder other = SentenceEmbedder.Open(Shipped.EmbedderPath, torch.CPU, new EmbedderOptions { QueryPrefix = "query: " });
        PassageSearch OpenWithOther() => PassageSearch.Open(_temporary.Library, other, new VectorOptions(), torch.CPU, attention: null);
        using (PassageSearch byWords = OpenWithOther())
        {
            FoundPassage found = byWords.Search("powder", 1)[0];
            Assert.Contains("powder", found.Passage.Passage.Text, StringComparison.Ordinal);
            Assert.Equal([SignalKind.Words], found.Places.Keys);
        }

        Assert.True(LibraryVectors.Rebuild(_temporary.Library, other, new VectorOptions(), torch.CPU, null, TestContext.Current.CancellationToken) >= 6);
        using PassageSearch search = OpenWithOther();
        Assert.Contains(SignalKind.Vectors, search.Search("powder", 1)[0].Places.Keys);
    }

    [Fact]
    public async Task ADamagedIndexIsRefusedAndCanBeBuiltAgain()
    {
        await IngestAsync();
        Open().Dispose();
        string file = Directory.GetFiles(_temporary.Library.VectorFolder).Single();
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        ProblemException refused = Assert.Throws<ProblemException>(() => Open());
        Assert.Equal(ProblemKind.Index, refused.Kind);
        Assert.Contains("ra ingest --rebuild vectors", refused.Message, StringComparison.Ordinal);

        Assert.True(LibraryVectors.Rebuild(_temporary.Library, _embedder, new VectorOptions(), torch.CPU, null, TestContext.Current.CancellationToken) >= 6);
        using PassageSearch search = Open();
        Assert.Contains("powder", search.Search("powder", 1)[0].Passage.Passage.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALibraryThatOutgrowsTheExactIndexMovesToTheGraphAndFindsTheSame()
    {
        await IngestAsync();
        string Best(PassageSearch search) => search.Search("Who locked the powder away?", 1)[0].Passage.Passage.Text;
        using PassageSearch exact = Open();
        using PassageSearch graph = Open(new VectorOptions { ExactUpTo = 1 });
        Assert.EndsWith(".hnsw", Assert.Single(Directory.GetFiles(_temporary.Library.VectorFolder)), StringComparison.Ordinal);
        Assert.Equal(Best(exact), Best(graph));
    }

    [Fact]
    public void VectorsDoNotCountForAQueryThatTheEmbedderSpellsOut()
    {
        Assert.Equal(SignalWeights.Default, SignalWeights.For("How many points did the Panthers defense surrender?", _embedder));
        Assert.True(SignalWeights.For("Wie viele Punkte gab die Verteidigung der Panthers ab?", _embedder).Vectors > 0);
        Assert.Equal(0, SignalWeights.For("Сколько очков уступила защита Пэнтерс?", _embedder).Vectors);
    }

    private PassageSearch Open(VectorOptions? options = null) => PassageSearch.Open(_temporary.Library, _embedder, options ?? new VectorOptions(), torch.CPU, attention: null);

    private async Task IngestAsync()
    {
        const string Roses = "Roses are watered in the evening, when the sun is low and the ground is warm, with a can and never with a hose.";
        _temporary.Write("sea.md", "# The Sea Book\n\n## Voyage\n\nThe ship sailed in March with forty men aboard.\n\nThe captain locked the powder away, for he did not trust the crew.\n\n## Return\n\nNobody but a goat went home to the village that year, and it was old.\n");
        _temporary.Write("garden.md", $"# The Garden Book\n\n## Flowers\n\n{Roses}\n\n## Calendar of work\n\n{Roses}\n\n## Trees\n\nThe captain of the gardeners planted pear trees along the southern wall.\n");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        new LibraryScanner(_temporary.Library).Scan([_temporary.Files], null, cancellation);
        ReadDocument read = (path, options, progress, token) => Task.FromResult(DocumentReaders.All.Read(path, options, progress, token));
        IStageRunner[] stages =
        [
            new ExtractStage(read, new ReadingOptions()),
            new PassagesStage(_embedder.CountTokens, new PassageOptions { TargetTokens = 16, MaximumTokens = 48 }),
            new EmbedStage(() => new PassageEmbedder(_embedder.Hash, _embedder)),
        ];
        using WorkerPresence worker = _temporary.Library.Workers.Enter("test");
        await new IngestionPipeline(_temporary.Library, stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, null, cancellation);
    }
}
