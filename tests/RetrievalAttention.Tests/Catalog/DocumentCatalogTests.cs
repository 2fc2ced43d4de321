using RetrievalAttention.Catalog;

namespace RetrievalAttention.Tests.Catalog;

public class DocumentCatalogTests
{
    [Theory]
    [InlineData("treasure", "treasure-island.txt")]
    [InlineData("Treasure Island", "treasure-island.txt")]
    [InlineData("treasure-island.txt", "treasure-island.txt")]
    [InlineData("books/dra", "dracula.txt")]
    [InlineData("DRACULA", "dracula.txt")]
    [InlineData("宝島", "宝島.txt")]
    public void ABookIsNamedByAPartOfItsTitleOrPath(string named, string file)
    {
        using TemporaryLibrary temporary = WithBooks();
        Assert.EndsWith(file, temporary.Library.Documents.Find(named).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAmbiguousNameListsTheCandidates()
    {
        using TemporaryLibrary temporary = WithBooks();
        ProblemException problem = Assert.Throws<ProblemException>(() => temporary.Library.Documents.Find("island"));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.Contains("treasure-island", problem.Message, StringComparison.Ordinal);
        Assert.Contains("anne-of-the-island", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("dracula", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("moby dick")]
    [InlineData("")]
    [InlineData("  - ")]
    public void ANameThatMatchesNothingIsNotFound(string named)
    {
        using TemporaryLibrary temporary = WithBooks();
        Assert.Equal(ProblemKind.NotFound, Assert.Throws<ProblemException>(() => temporary.Library.Documents.Find(named)).Kind);
    }

    [Fact]
    public void ACompleteNameWinsOverAPart()
    {
        using TemporaryLibrary temporary = WithBooks();
        temporary.Register("books/dracula two.txt", "more blood");
        Assert.EndsWith("dracula.txt", temporary.Library.Documents.Find("dracula").Path, StringComparison.Ordinal);
    }

    [Fact]
    public void ACompletePathTellsApartWhatOnlyMarksTellApart()
    {
        using TemporaryLibrary temporary = new();
        long blank = temporary.Register("notes 1.txt", "one").Document, line = temporary.Register("notes_1.txt", "two").Document;
        Assert.Throws<ProblemException>(() => temporary.Library.Documents.Find("notes 1.txt"));
        Assert.Equal((blank, line), (temporary.Library.Documents.Find(Path.Combine(temporary.Files, "notes 1.txt")).Id, temporary.Library.Documents.Find(Path.Combine(temporary.Files, "notes_1.txt")).Id));
    }

    private static TemporaryLibrary WithBooks()
    {
        TemporaryLibrary temporary = new();
        foreach (string book in (string[])["treasure-island", "anne-of-the-island", "dracula", "宝島"]) temporary.Register($"books/{book}.txt", $"text of {book}");
        return temporary;
    }
}
