using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

public class SummaryTests
{
    [Fact]
    public async Task ALibraryIsSummarisedBookByBookAndABookWithoutMemoryIsQuoted()
    {
        using RaProgram ra = new();
        ra.Write("one.txt", GeneratedBook.Of(1, 3, 20));
        ra.Write("two.txt", GeneratedBook.Of(2, 2, 20));
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));

        JsonElement all = (await ra.SucceedAsync("summarize", "--library-all", "--json")).Json;
        Assert.Equal(2, all.GetProperty("books").GetArrayLength());
        Assert.Equal(all.GetProperty("coverage").GetProperty("blocks").GetInt32(), all.GetProperty("coverage").GetProperty("blocksRead").GetInt32());
        Assert.True(all.GetProperty("words").GetInt32() < all.GetProperty("bookWords").GetInt32());

        string file = ra.Write("alone.txt", "The lamp on the pier burned all night for the boats that never came.");
        JsonElement quoted = (await ra.SucceedAsync("summarize", "--from", file, "--written", "--as", "json")).Json;
        Assert.Contains("no attention memory", string.Join(' ', quoted.GetProperty("notes").EnumerateArray()), StringComparison.Ordinal);
        JsonElement sentence = Assert.Single(quoted.GetProperty("sentences").EnumerateArray());
        Assert.Equal("quoted", sentence.GetProperty("kind").GetString());
        Assert.Equal(0, sentence.GetProperty("sources")[0].GetProperty("start").GetInt32());
    }

    [Fact]
    public async Task ABookInMemoryIsWrittenWithEverySectionInIt()
    {
        using RaProgram ra = new();
        ra.Write("one.txt", GeneratedBook.Of(1, 3, 20));
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));
        JsonElement summary = (await ra.SucceedAsync("summarize", "one", "--written", "--json", "--max-tokens", "16")).Json;
        Assert.Equal(summary.GetProperty("coverage").GetProperty("sections").GetInt32(), summary.GetProperty("coverage").GetProperty("sectionsUsed").GetInt32());
        Assert.NotEqual(JsonValueKind.Null, summary.GetProperty("writing").ValueKind);
        Assert.DoesNotContain(summary.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("memory", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ControlCharactersOfABookDoNotReachTheTerminal()
    {
        using RaProgram ra = new();
        string file = ra.Write("alone.txt", $"CHAPTER I. THE \u001b[31mLAMP\n\nThe lamp on the \u001b[31mpier burned all night for the boats.\n\n{GeneratedBook.Of(1, 1, 10)}");
        foreach (string command in (string[])["summarize", "outline"])
        {
            RunResult shown = await ra.SucceedAsync(command, "--from", file);
            Assert.Contains("THE ␛[31mLAMP", shown.Output, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', shown.Output);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2, "one", "--library-all")]
    [InlineData(6, "no such book")]
    [InlineData(4, "one", "--written", "--gates", "missing")]
    [InlineData(7, "one", "--device", "cuda:9")]
    [InlineData(6, "one", "--section", "Chapter 99")]
    public async Task MistakesEndWithTheirExitCode(int code, params string[] arguments)
    {
        using RaProgram ra = new();
        ra.Write("one.txt", GeneratedBook.Of(1, 3, 20));
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));
        Assert.Equal(code, (await ra.RunAsync(["summarize", .. arguments])).Code);
    }
}
