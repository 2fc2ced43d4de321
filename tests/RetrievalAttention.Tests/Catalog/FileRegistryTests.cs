using RetrievalAttention.Catalog;

namespace RetrievalAttention.Tests.Catalog;

public class FileRegistryTests
{
    [Fact]
    public void TheSameContentAtTheSamePathIsUnchanged()
    {
        using TemporaryLibrary temporary = new();
        Registration first = temporary.Register("a.txt", "one");
        Registration again = temporary.Register("a.txt", "one", version: 2);
        Assert.Equal((FileChange.Added, FileChange.Unchanged), (first.Change, again.Change));
        Assert.Equal(first.Document, again.Document);
        Assert.Single(temporary.Library.Documents.List());
    }

    [Fact]
    public void KnownContentAtANewPathIsMovedWhenTheOldPathIsGone()
    {
        using TemporaryLibrary temporary = new();
        long document = temporary.Register("old.txt", "one").Document;
        Registration moved = temporary.Register("new.txt", "one");
        Assert.Equal((FileChange.Moved, document), (moved.Change, moved.Document));
        Assert.EndsWith("old.txt", moved.OtherPath, StringComparison.Ordinal);
        Assert.EndsWith("new.txt", Assert.Single(temporary.Library.Documents.List()).Path, StringComparison.Ordinal);
        Assert.Single(temporary.Library.Files.PathsOf(document));
    }

    [Fact]
    public void TheSameContentTwiceIsOneDocument()
    {
        using TemporaryLibrary temporary = new();
        string first = temporary.Write("a.txt", "one");
        long document = temporary.Register("a.txt", "one").Document;
        Registration second = temporary.Register("b.txt", "one");
        Assert.Equal((FileChange.Duplicate, document, first), (second.Change, second.Document, second.OtherPath));
        Assert.Equal(2, temporary.Library.Files.PathsOf(document).Count);
    }

    [Fact]
    public void WhenTheFirstOfTwoCopiesIsEditedTheOldContentIsAtTheOther()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "one");
        string copy = temporary.Write("copies/a.txt", "one");
        long old = temporary.Register("a.txt", "one").Document;
        temporary.Register("copies/a.txt", "one");
        Registration edited = temporary.Register("a.txt", "two", version: 2);
        Assert.Equal(FileChange.Updated, edited.Change);
        Assert.Equal(copy, temporary.Library.Documents.Get(old)!.Path);

        // And back: both are copies again.
        temporary.Register("a.txt", "one", version: 3);
        Assert.Equal(old, temporary.Library.Documents.Find(temporary.Library.Documents.Get(old)!.Path).Id);
    }

    [Fact]
    public void AFileThatIsEditedToKnownContentBeforeItsLastEditWasReadLeavesNoOldVersion()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("known.txt", "known");
        long known = temporary.Register("known.txt", "known").Document, first = temporary.Register("a.txt", "one").Document;
        temporary.Library.Database.Write(connection => connection.Execute("UPDATE documents SET stage = @searchable WHERE id = @first", ("@searchable", (int)DocumentStage.Searchable), ("@first", first)));
        temporary.Register("a.txt", "two", version: 2);
        temporary.Register("a.txt", "known", version: 3);
        Assert.Equal(known, Assert.Single(temporary.Library.Documents.List()).Id);
    }

    [Fact]
    public void AnEditedFileKeepsItsOldVersionUntilTheNewOneIsSearchable()
    {
        using TemporaryLibrary temporary = new();
        long old = Searchable(temporary, "a.txt", "one");
        Registration edited = temporary.Register("a.txt", "two", version: 2);
        Assert.Equal(FileChange.Updated, edited.Change);
        Assert.Equal([old], temporary.Library.Documents.List().Select(d => d.Id));
        Assert.Equal([edited.Document], temporary.Library.Documents.ListPendingVersions().Select(d => d.Id));

        temporary.Library.Database.Write(connection => DocumentCatalog.TakePlaceOfOldVersion(connection, edited.Document));
        Assert.Equal([edited.Document], temporary.Library.Documents.List().Select(d => d.Id));
    }

    [Fact]
    public void AnEditThatIsEditedAgainStillReplacesTheVersionInUse()
    {
        using TemporaryLibrary temporary = new();
        long old = Searchable(temporary, "a.txt", "one");
        temporary.Register("a.txt", "two", version: 2);
        Registration third = temporary.Register("a.txt", "three", version: 3);
        Assert.Equal((third.Document, old), Assert.Single(temporary.Library.Documents.ListPendingVersions()) is var p ? (p.Id, p.Replaces!.Value) : default);
        Assert.Equal([old], temporary.Library.Documents.List().Select(d => d.Id));
    }

    [Fact]
    public void AnEditThatIsTakenBackLeavesTheOldVersionAsItWas()
    {
        using TemporaryLibrary temporary = new();
        long old = Searchable(temporary, "a.txt", "one");
        temporary.Register("a.txt", "two", version: 2);
        Registration back = temporary.Register("a.txt", "one", version: 3);
        Assert.Equal(old, back.Document);
        Assert.Equal([old], temporary.Library.Documents.List().Select(d => d.Id));
        Assert.Empty(temporary.Library.Documents.ListPendingVersions());
    }

    [Fact]
    public void AnEditToContentThatIsElsewhereLeavesOneDocument()
    {
        using TemporaryLibrary temporary = new();
        Searchable(temporary, "a.txt", "one");
        long other = Searchable(temporary, "b.txt", "two");
        Registration same = temporary.Register("a.txt", "two", version: 2);
        Assert.Equal((FileChange.Updated, other), (same.Change, same.Document));
        Assert.Equal([other], temporary.Library.Documents.List().Select(d => d.Id));
    }

    [Fact]
    public void EditingOneOfTwoEqualFilesKeepsTheDocumentOfTheOther()
    {
        using TemporaryLibrary temporary = new();
        temporary.Write("a.txt", "one");
        long document = Searchable(temporary, "a.txt", "one");
        temporary.Register("b.txt", "one");
        Registration edited = temporary.Register("b.txt", "two", version: 2);
        Assert.Null(temporary.Library.Documents.Get(edited.Document)!.Replaces);
        Assert.Equal([document, edited.Document], temporary.Library.Documents.List().Select(d => d.Id));
    }

    [Fact]
    public void AFileWrittenJustNowIsLookedAtAgain()
    {
        using TemporaryLibrary temporary = new();
        FileState file = new(Path.Combine(temporary.Files, "a.txt"), 3, temporary.Time.GetUtcNow().UtcDateTime);
        temporary.Library.Files.Register(file, TemporaryLibrary.HashOf("one"));
        Assert.NotEqual(file, temporary.Library.Files.Known()[file.Path].State);

        temporary.Time.Move(TimeSpan.FromMinutes(-10));
        temporary.Library.Files.Register(file, TemporaryLibrary.HashOf("one"));
        Assert.Equal(file, temporary.Library.Files.Known()[file.Path].State);
    }

    private static long Searchable(TemporaryLibrary temporary, string name, string content)
    {
        long id = temporary.Register(name, content).Document;
        temporary.Library.Database.Write(connection => connection.Execute(
            "UPDATE documents SET stage = 2 WHERE id = @id; DELETE FROM jobs WHERE document = @id", ("@id", id)));
        return id;
    }
}
