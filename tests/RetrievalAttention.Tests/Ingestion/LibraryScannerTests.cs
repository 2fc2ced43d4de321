using RetrievalAttention.Catalog;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Tests.Catalog;

namespace RetrievalAttention.Tests.Ingestion;

public class LibraryScannerTests
{
    private static readonly string[] OddNames =
    [
        "with space.txt", " leading.txt", "trailing ", "-dash.txt", "--library", "quote'\".txt", "semi;colon.txt", "back\\slash.txt", "new\nline.txt",
        "tab\there.txt", "percent%20.txt", "star*.txt", "question?.txt", "[bracket].txt", "日本語.txt", "emoji 🏴‍☠️.txt", "e\u0301.txt", "é.txt", "مرحبا.txt",
        "colon:name.txt", "pipe|.txt", "dollar$(x).txt", "\u0001control.txt", "UPPER.TXT", "upper.txt", "no-extension", new string('n', 240) + ".txt", "'; DROP TABLE documents; --",
    ];

    [Fact]
    public void FilesWithEveryLegalCharacterAreFoundOnceAndUnchangedLater()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows forbids most of these names.");
        using TemporaryLibrary temporary = new();
        foreach (string name in OddNames) File.SetLastWriteTimeUtc(temporary.Write(name, $"content of {name}"), DateTime.UnixEpoch.AddDays(1));
        IReadOnlyList<ScannedFile> first = Scan(temporary, temporary.Files);
        Assert.Equal(OddNames.Order(StringComparer.Ordinal), first.Select(f => Path.GetFileName(f.Path)).Order(StringComparer.Ordinal));
        Assert.All(first, f => Assert.Equal(FileChange.Added, f.Change));
        Assert.All(Scan(temporary, temporary.Files), f => Assert.Equal(FileChange.Unchanged, f.Change));
        Assert.All(OddNames, name => Assert.Equal(Path.Combine(temporary.Files, name), temporary.Library.Documents.Get(first.Single(f => f.Path.EndsWith("/" + name, StringComparison.Ordinal)).Document!.Value)!.Path));
    }

    [Fact]
    public void TenThousandSmallFilesAreScannedTwice()
    {
        const int Files = 10_000;
        using TemporaryLibrary temporary = new();
        for (int i = 0; i < Files; i++) File.SetLastWriteTimeUtc(temporary.Write($"{i / 100}/{i}.txt", $"note {i}"), DateTime.UnixEpoch.AddDays(1));
        Assert.Equal(Files, Scan(temporary, temporary.Files).Count(f => f.Change == FileChange.Added));
        Assert.Equal(Files, Scan(temporary, temporary.Files).Count(f => f.Change == FileChange.Unchanged));
        Assert.Equal(Files, temporary.Library.Documents.List().Count);
    }

    [Fact]
    public void AFolderThatDisappearedIsSaidAndCostsNothing()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("shelf/a.txt", "one");
        string shelf = Path.Combine(temporary.Files, "shelf");
        Scan(temporary, shelf);
        Directory.Delete(shelf, recursive: true);
        ProblemException problem = Assert.Throws<ProblemException>(() => Scan(temporary, shelf));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.Single(temporary.Library.Documents.List());
    }

    [Fact]
    public void AnEmptyNameIsAProblemThatSaysSo()
    {
        using TemporaryLibrary temporary = new();
        Assert.Contains("empty", Assert.Throws<ProblemException>(() => new LibraryScanner(temporary.Library).Scan([""], null, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinksThatLeadInCirclesEnd()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a/b.txt", "one");
        Directory.CreateSymbolicLink(Path.Combine(temporary.Files, "a", "up"), temporary.Files);
        File.CreateSymbolicLink(Path.Combine(temporary.Files, "broken.txt"), Path.Combine(temporary.Files, "nowhere"));
        IReadOnlyList<ScannedFile> scanned = Scan(temporary, temporary.Files);
        Assert.Equal(["a/b.txt", "broken.txt"], scanned.Select(f => Path.GetRelativePath(temporary.Files, f.Path)));
        Assert.NotNull(scanned[1].Note);
    }

    [Fact]
    public void HiddenFilesAreLeftOutUnlessNamed()
    {
        using TemporaryLibrary temporary = new();
        string hidden = temporary.Write(".git/config", "hidden"), named = temporary.Write(".notes.txt", "hidden too");
        temporary.Write("a.txt", "one");
        Assert.Equal(["a.txt"], Scan(temporary, temporary.Files).Select(f => Path.GetFileName(f.Path)));
        Assert.Equal([hidden, named], Scan(temporary, hidden, named).Select(f => f.Path));
    }

    [Fact]
    public void AnEditWithTheSameSizeAndAnOlderTimeIsFound()
    {
        using TemporaryLibrary temporary = new();
        string path = temporary.Write("a.txt", "one");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(100));
        Scan(temporary, path);
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(50));
        Assert.Equal(FileChange.Updated, Assert.Single(Scan(temporary, path)).Change);
    }

    private static IReadOnlyList<ScannedFile> Scan(TemporaryLibrary temporary, params string[] paths) =>
        new LibraryScanner(temporary.Library).Scan(paths, null, TestContext.Current.CancellationToken);
}
