using RetrievalAttention.Catalog;

namespace RetrievalAttention.Tests.Catalog;

public class LibraryDatabaseTests
{
    [Fact]
    public void ALibraryOfANewerVersionIsRefusedWithWhatToDo()
    {
        using TemporaryLibrary temporary = new();
        temporary.Library.Database.Write(connection => connection.Execute("PRAGMA user_version = 1000"));
        ProblemException problem = Assert.Throws<ProblemException>(temporary.OpenAgain);
        Assert.Equal(ProblemKind.Index, problem.Kind);
        Assert.Contains("newer version", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Update the program", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALibraryOfAnyOlderVersionIsBroughtUpToDateWithItsRows()
    {
        string folder = Directory.CreateTempSubdirectory("ra-tests-").FullName;
        for (int version = 0; version <= Schema.Versions.Count; version++)
        {
            string path = Path.Combine(folder, $"{version}.db");
            using (LibraryDatabase old = LibraryDatabase.Open(path, busySeconds: 5, Schema.Versions.Take(version).ToList()))
                if (version > 0) old.Write(connection => connection.Execute("INSERT INTO documents(content_hash, path, size, title, added_at) VALUES('h', '/p', 1, 't', 0)"));
            using LibraryDatabase opened = LibraryDatabase.Open(path, busySeconds: 5);
            Assert.Equal(Schema.Versions.Count, opened.Read(connection => connection.Scalar<long>("PRAGMA user_version")));
            Assert.Equal(version > 0 ? 1 : 0, opened.Read(connection => connection.Scalar<long>("SELECT COUNT(*) FROM documents")));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("this is no database, but long enough to hold what would be the header of one, and then a little more text")]
    [InlineData("SQLite format 3\0garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage")]
    public void ADamagedLibraryIsNamedAsSuch(string content)
    {
        string folder = Directory.CreateTempSubdirectory("ra-tests-").FullName;
        string path = Path.Combine(folder, "library.db");
        File.WriteAllText(path, content);
        ProblemException problem = Assert.Throws<ProblemException>(() => LibraryDatabase.Open(path, busySeconds: 5));
        Assert.Equal(ProblemKind.Index, problem.Kind);
        Assert.Contains(path, problem.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void AFullDiskIsTheMachinesProblemAndLeavesTheLibraryWhole()
    {
        using TemporaryLibrary temporary = new();
        temporary.Register("a.txt", "one");
        temporary.Library.Database.Write(connection => connection.Execute("PRAGMA max_page_count = 60"));
        ProblemException problem = Assert.Throws<ProblemException>(() =>
        {
            for (int i = 0; i < 10_000; i++) temporary.Register($"{i}.txt", $"content {i}");
        });
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.Contains("no space left", problem.Message, StringComparison.Ordinal);
        Assert.Equal("ok", temporary.Library.Database.Read(connection => connection.Scalar<string>("PRAGMA integrity_check")));
        Assert.NotEmpty(temporary.Library.Documents.List());
    }

    [Fact]
    public void ALockHeldTooLongIsExplained()
    {
        using TemporaryLibrary temporary = new();
        LibraryOptions impatient = temporary.Options with { BusySeconds = 1 };
        using Library other = Library.Open(impatient, temporary.Queue, null, temporary.Time);
        ProblemException problem = temporary.Library.Database.Write(_ =>
            Assert.Throws<ProblemException>(() => other.Database.Write(connection => connection.Execute("DELETE FROM workers"))));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
        Assert.Contains("locked by another program", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatCannotBeMadeIsTheMachinesProblem()
    {
        using TemporaryLibrary temporary = new();
        LibraryOptions impossible = temporary.Options with { Root = temporary.Write("file", "not a folder") };
        Assert.Equal(ProblemKind.Environment, Assert.Throws<ProblemException>(() => Library.OpenOrCreate(impossible, temporary.Queue, null, temporary.Time)).Kind);
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("name\n")]
    public void ANameThatWouldLeaveTheRootIsRefused(string name)
    {
        using TemporaryLibrary temporary = new();
        Assert.Equal(ProblemKind.Setting, Assert.Throws<ProblemException>(() => Library.OpenOrCreate(temporary.Options, temporary.Queue, name, temporary.Time)).Kind);
    }

    [Fact]
    public void ALibraryThatIsNotThereIsNamedWithThoseThatAre()
    {
        using TemporaryLibrary temporary = new();
        ProblemException problem = Assert.Throws<ProblemException>(() => Library.Open(temporary.Options, temporary.Queue, "papers", temporary.Time));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.Contains("There is: main", problem.Message, StringComparison.Ordinal);
    }
}
