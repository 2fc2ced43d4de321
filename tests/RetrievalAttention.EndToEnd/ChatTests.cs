using System.Text.Json;
using RetrievalAttention.Tests;

namespace RetrievalAttention.EndToEnd;

/// <summary><c>ra chat</c>, fed from a pipe, and <c>ra ask</c> over several books.</summary>
public class ChatTests
{
    private const string Keeper = "The lighthouse keeper Amos Tull kept a grey parrot named Admiral. Every night he lit the lamp with whale oil.\n";
    private const string Baker = "The baker Nora Finch had a black cat named Clover. Every morning she baked forty loaves of rye bread.\n";

    [Fact]
    public async Task AConversationAboutTheSampleHasItsSourcesItsCommandsAndItsEnd()
    {
        using RaProgram ra = new();
        string sample = Path.Combine(Shipped.Root, "corpora", "the-red-headed-league.sample.txt"), saved = Path.Combine(ra.Root, "talk.md");
        string[] lines =
        [
            "/sources", "", "   ", "What was Jabez Wilson paid to copy out?", "And who told him about it?", "/sources", "/nonsense", $"/save {saved}", $"/save {saved}",
            new string('x', 5_000), "/book no such book", "/save", "/help",
        ];
        // The input ends without /quit.
        RunResult talk = await ra.ChatAsync(lines, "--from", sample, "--max-tokens", "6");
        Assert.Equal(0, talk.Code);
        foreach (string told in (string[])["There is no answer yet.", "There is no command /nonsense", "Saved: " + saved, "5,000 characters", "/save FILE", "There is no library"])
            Assert.True(talk.Errors.Contains(told, StringComparison.Ordinal), $"'{told}' is not in: {talk.Errors}");
        Assert.Contains("[2] the-red-headed-league.sample", talk.Output, StringComparison.Ordinal);
        string transcript = await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken);
        Assert.Contains("## What was Jabez Wilson paid to copy out?", transcript, StringComparison.Ordinal);
        Assert.Contains("## And who told him about it?", transcript, StringComparison.Ordinal);
        Assert.Contains("> ", transcript, StringComparison.Ordinal);

        RunResult again = await ra.ChatAsync([$"Who is he?", $"/save {saved}", "/quit", "never asked"], "--from", sample, "--max-tokens", "2");
        Assert.Equal(0, again.Code);
        Assert.Contains("is left as it is", again.Errors, StringComparison.Ordinal);
        Assert.Equal(transcript, await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AsJsonEveryQuestionIsOneLineAndFollowUpsAreSearchedForWithTheirTopic()
    {
        using RaProgram ra = new();
        string file = ra.Write("keeper.txt", Keeper);
        RunResult talk = await ra.ChatAsync(["What was the name of the keeper's parrot?", "/sources", new string('y', 5_000), "And what did he do?", "/quit"], "--from", file, "--json", "--max-tokens", "4");
        JsonElement[] turns = [.. talk.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(3, turns.Length);
        Assert.Contains("5,000", turns[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("What was the name of the keeper's parrot? And what did he do?", turns[2].GetProperty("search").GetString());
        Assert.Equal("And what did he do?", turns[2].GetProperty("question").GetString());
        foreach ((JsonElement turn, int earlier) in ((JsonElement, int)[])[(turns[0], 0), (turns[2], 1)])
        {
            Assert.Equal(earlier, turn.GetProperty("earlierTurns").GetInt32());
            Assert.All((string[])["answer", "mode", "book", "books", "sources", "support", "supported", "timings", "model", "device"], name => Assert.True(turn.TryGetProperty(name, out _), name));
        }
        Assert.True(turns[0].GetProperty("timings").GetProperty("readTokens").GetInt32() > 10);
        Assert.Equal(0, turns[2].GetProperty("timings").GetProperty("readTokens").GetInt32());
    }

    [Fact]
    public async Task AWholeLibraryAnswersFromTheRightBookAndNamesIt()
    {
        using RaProgram ra = new();
        ra.UseShippedModel();
        ra.Write("keeper.txt", Keeper);
        ra.Write("baker.txt", Baker);
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));
        RunResult talk = await ra.ChatAsync(
            ["What was the name of the keeper's parrot?", "/book", "What was the name of the baker's cat?", "/book keeper", "What did Amos light the lamp with?", "/book nobody", "/book", "Who baked the rye bread?"],
            "--json", "--max-tokens", "16");
        Assert.Equal(0, talk.Code);
        JsonElement[] turns = [.. talk.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        string?[] Texts(JsonElement turn, string of) => [.. turn.GetProperty(of).EnumerateArray().Select(one => one.GetProperty("title").GetString())];
        Assert.Equal(["keeper", "baker", "keeper", "baker"], turns.Select(turn => turn.GetProperty("book").GetProperty("title").GetString()));
        Assert.Equal([2, 2, 1, 2], turns.Select(turn => turn.GetProperty("books").GetArrayLength()));
        Assert.Equal([0, 0, 0, 0], turns.Select(turn => turn.GetProperty("earlierTurns").GetInt32()));
        Assert.Contains("Admiral", turns[0].GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Contains("Clover", turns[1].GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Equal(["keeper", "baker", "keeper"], turns.Take(3).Select(turn => Texts(turn, "sources")[0]));
        foreach (JsonElement source in turns.SelectMany(turn => turn.GetProperty("sources").EnumerateArray()))
        {
            string text = source.GetProperty("title").GetString() == "keeper" ? Keeper : Baker;
            Assert.Equal(text[source.GetProperty("start").GetInt32()..source.GetProperty("end").GetInt32()], source.GetProperty("quote").GetString());
        }
        Assert.Contains("nobody", talk.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlCStopsTheAnswerAndTwiceEnds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs kill -INT");
        using RaProgram ra = new();
        string file = ra.Write("long.txt", GeneratedBook.Of(1, 4, 40));
        using RunningProgram chat = ra.StartChat("--from", file, "--max-tokens", "4096", "--repetition-penalty", "1", "--temperature", "2");
        await chat.SayAsync("Who is the captain?");
        await chat.WaitForOutputAsync();
        chat.Interrupt();
        await chat.WaitForErrorsAsync("Stopped.");
        Assert.False(chat.HasEnded);
        chat.Interrupt();
        Assert.Equal(130, (await chat.EndAsync()).Code);
    }

    [Fact]
    public async Task MistakesAtTheStartEndWithTheirExitCode()
    {
        using RaProgram ra = new();
        string file = ra.Write("keeper.txt", Keeper);
        Assert.Equal(6, (await ra.ChatAsync([])).Code);
        Assert.Equal(2, (await ra.ChatAsync([], "keeper", "--from", file)).Code);
        Assert.Equal(6, (await ra.ChatAsync([], "--from", file + ".not")).Code);
        Assert.Equal(4, (await ra.ChatAsync([], "--from", file, "--model", "no-such-model.gguf")).Code);
        Assert.Equal(0, (await ra.ChatAsync([], "--from", file)).Code);
    }
}
