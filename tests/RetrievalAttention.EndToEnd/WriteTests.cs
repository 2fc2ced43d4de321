using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

/// <summary><c>ra write</c> over a file.</summary>
public class WriteTests
{
    private const string Story =
        "CHAPTER I. THE LIGHT\n\nThe lighthouse keeper Amos Tull kept a grey parrot named Admiral. Every night Amos Tull lit the lamp with whale oil, and Admiral watched.\n\n"
        + "CHAPTER II. THE WRECK\n\nOn Friday the ship Marigold ran aground\nnear Gull Rock. The captain of the Marigold gave Amos Tull a silver watch for his help.\n";

    [Fact]
    public async Task ATextOverTheSampleRepeatsWithItsSeedAndTellsWhatItDrewOn()
    {
        using RaProgram ra = new();
        string whole = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "corpora", "the-red-headed-league.sample.txt"), TestContext.Current.CancellationToken);
        string text = whole[..6000], sample = ra.Write("league.txt", text);
        string[] command = ["write", "Write a letter from Watson to Holmes.", "--from", sample, "--words", "40", "--json"];
        JsonElement written = (await ra.SucceedAsync(command)).Json, again = (await ra.SucceedAsync(command)).Json;
        Assert.Equal(written.GetProperty("text").GetString(), again.GetProperty("text").GetString());
        // The model may end by itself a little earlier, at four fifths.
        Assert.InRange(written.GetProperty("words").GetInt32(), 32, 240);
        Assert.True(written.GetProperty("looks").GetInt32() > 0);
        Assert.True(written.GetProperty("timings").GetProperty("readTokens").GetInt32() > 1000);
        Assert.Equal(0, again.GetProperty("timings").GetProperty("readTokens").GetInt32());
        JsonElement[] sources = [.. written.GetProperty("sources").EnumerateArray()];
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.Equal(
            Squeezed(text[source.GetProperty("start").GetInt32()..source.GetProperty("end").GetInt32()]), Squeezed(source.GetProperty("quote").GetString()!)));
    }

    [Fact]
    public async Task TheShippedModelContinuesAFileAndAppendsToIt()
    {
        using RaProgram ra = new();
        ra.UseShippedModel();
        string file = ra.Write("story.txt", Story), draft = ra.Write("draft.txt", "That night Amos Tull went up to the lamp once more.");
        RunResult result = await ra.SucceedAsync("write", "--from", file, "--continue", draft, "--out", draft, "--words", "40");
        string kept = await File.ReadAllTextAsync(draft, TestContext.Current.CancellationToken);
        Assert.StartsWith("That night Amos Tull went up to the lamp once more. ", kept, StringComparison.Ordinal);
        Assert.Contains(kept[52..].Trim(), result.Output, StringComparison.Ordinal);
        Assert.Contains("It drew on:", result.Output, StringComparison.Ordinal);
        Assert.Matches("""[.!?…]["”’']?\s*$""", kept);
    }

    [Fact]
    public async Task MistakesEndWithTheirExitCode()
    {
        using RaProgram ra = new();
        string file = ra.Write("story.txt", Story), empty = ra.Write("empty.txt", "");
        (int Code, string[] Arguments)[] mistakes =
        [
            (2, ["write"]), (2, ["write", "--from", file]), (2, ["write", "Write.", "--from", file, "--words", "0"]), (6, ["write", "Write.", "--from", file, "--continue", file + ".not"]),
            (3, ["write", "--from", file, "--continue", empty]), (2, ["write", "Write.", "--from", file, "--temperature", "9"]), (6, ["write", "nowhere", "Write."]), (3, ["write", "Write.", "--from", empty]),
        ];
        foreach ((int code, string[] arguments) in mistakes)
        {
            RunResult result = await ra.RunAsync(arguments);
            Assert.True(result.Code == code, $"ra {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
            Assert.DoesNotContain("   at RetrievalAttention", result.Errors, StringComparison.Ordinal);
        }
        RunResult help = await ra.SucceedAsync("write", "--help");
        Assert.Contains("ra write", help.Output, StringComparison.Ordinal);
    }

    private static string Squeezed(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RetrievalAttention.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No RetrievalAttention.sln above {AppContext.BaseDirectory}.");
    }
}
