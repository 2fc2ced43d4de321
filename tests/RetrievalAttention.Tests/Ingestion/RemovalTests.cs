using CsCheck;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Indexing;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Catalog;

namespace RetrievalAttention.Tests.Ingestion;

public class RemovalTests
{
    private static readonly Gen<(string[] Books, bool[] Removed)> Libraries =
        from words in Gen.Int[0, 12].Array[1, 30].Array[1, 6]
        from removed in Gen.Bool.Array[6]
        select (words.Select(book => string.Join(" ", book.Select(w => $"word{w}."))).ToArray(), removed);

    [Fact]
    public async Task AfterRemovingTheLibraryIsAsIfItHadNeverHadTheBooks()
    {
        int examined = 0;
        await Libraries.SampleAsync(
            async library =>
            {
                string[] all = library.Books, kept = [.. library.Books.Where((_, i) => !library.Removed[i])];
                using TemporaryLibrary removed = await IngestAsync(all), never = await IngestAsync(kept);
                foreach (string book in all.Except(kept)) removed.Library.Remove(removed.Library.Documents.List().Single(d => d.ContentHash == TemporaryLibrary.HashOf(book)).Id);
                AssertSame(never.Rows(), removed.Rows());
                AssertSame(FilesOf(never), FilesOf(removed));
                examined++;
            },
            iter: 25, threads: 1, seed: "000000Removal2");
        Assert.True(examined >= 25, $"examined {examined} libraries");
    }

    [Fact]
    public async Task NothingOfARemovedBookCanBeFound()
    {
        WordIndex words = new(new WordOptions());
        using TemporaryLibrary temporary = await IngestAsync(["Zanzibar is mentioned here. " + string.Concat(Enumerable.Repeat("More text about it. ", 2000))]);
        Assert.Single(temporary.Library.Database.Read(connection => words.Search(connection, "Zanzibar", 10)));
        temporary.Library.Remove(Assert.Single(temporary.Library.Documents.List()).Id);
        Assert.Empty(temporary.Library.Database.Read(connection => words.Search(connection, "Zanzibar", 10)));
        Assert.All(temporary.Rows(), table => Assert.Empty(table.Value));
        Assert.Empty(FilesOf(temporary)["memory"]);
    }

    private static void AssertSame(SortedDictionary<string, List<string>> expected, SortedDictionary<string, List<string>> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, List<string> rows) in expected) Assert.True(rows.SequenceEqual(actual[name]), $"{name}: {string.Join("\n", rows)}\nbut was\n{string.Join("\n", actual[name])}");
    }

    private static SortedDictionary<string, List<string>> FilesOf(TemporaryLibrary temporary) => new()
    {
        ["memory"] = Directory.Exists(temporary.Library.MemoryFolder) ? [.. Directory.GetFiles(temporary.Library.MemoryFolder).Select(f => Path.GetFileName(f)).Order()] : [],
    };

    /// <summary>Books under names that say nothing about their number; memory files stand beside them.</summary>
    private static async Task<TemporaryLibrary> IngestAsync(IReadOnlyList<string> books)
    {
        TemporaryLibrary temporary = new();
        foreach (string book in books.Distinct())
        {
            string hash = TemporaryLibrary.HashOf(book);
            File.SetLastWriteTimeUtc(temporary.Write($"{hash}.txt", book), DateTime.UnixEpoch.AddDays(1));
            Directory.CreateDirectory(temporary.Library.MemoryFolder);
            File.WriteAllText(Path.Combine(temporary.Library.MemoryFolder, $"{hash}.memory"), "keys and values");
        }
        new LibraryScanner(temporary.Library).Scan([temporary.Files], null, TestContext.Current.CancellationToken);
        ReadDocument read = (path, options, progress, cancellation) => Task.FromResult(DocumentReaders.All.Read(path, options, progress, cancellation) with { Path = Path.GetFileName(path) });
        IStageRunner[] stages = [new ExtractStage(read, new ReadingOptions()), new PassagesStage(text => text.Length / 4, new PassageOptions())];
        using (WorkerPresence worker = temporary.Library.Workers.Enter("test"))
            await new IngestionPipeline(temporary.Library, stages, new IngestionOptions(), TimeProvider.System).DrainAsync(worker, null, TestContext.Current.CancellationToken);
        return temporary;
    }
}
