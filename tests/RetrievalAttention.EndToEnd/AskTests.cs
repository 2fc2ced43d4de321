using System.Text;
using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

/// <summary><c>ra ask</c> on a file, a book and a library.</summary>
public class AskTests
{
    private const string Story =
        "CHAPTER I. THE LIGHT\n\nThe lighthouse keeper Amos Tull kept a grey parrot named Admiral. Every night he lit the lamp with whale oil.\n\n"
        + "CHAPTER II. THE WRECK\n\nOn Friday the ship Marigold ran aground\nnear Gull Rock. The captain gave the keeper a silver watch for his help.\n";

    [Fact]
    public async Task TheAnswerOfTheShippedModelHasItsFieldsAndSourcesThatStandInTheFile()
    {
        using RaProgram ra = new();
        ra.UseShippedModel();
        string file = ra.Write("story.txt", "\uFEFF" + Story);
        JsonElement answer = (await ra.SucceedAsync("ask", "What was the name of the keeper's parrot?", "--from", file, "--json")).Json;
        Assert.Contains("Admiral", answer.GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Equal("full", answer.GetProperty("mode").GetString());
        AssertFields(answer);
        Assert.True(answer.GetProperty("timings").GetProperty("readTokens").GetInt32() > 40);
        AssertSourcesResolve(answer, Story);

        JsonElement again = (await ra.SucceedAsync("ask", "Near what rock did the ship run aground?", "--from", file, "--json")).Json;
        Assert.Equal(0, again.GetProperty("timings").GetProperty("readTokens").GetInt32());
        Assert.Equal(0, again.GetProperty("timings").GetProperty("readSeconds").GetDouble());
    }

    [Fact]
    public async Task ABookIsFoundByTheQuestionOrByItsNameAndSaysItsStage()
    {
        using RaProgram ra = new();
        ra.Write("keeper.txt", Story);
        string other = "What was the name of the matter? " + GeneratedBook.Of(1, 4, 40);
        ra.Write("long.txt", other);
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));
        string[] question = ["ask", "What was the name of the parrot of the lighthouse keeper?", "--json", "--max-tokens", "4"];

        RunResult whole = await ra.SucceedAsync(question);
        Assert.Equal(("keeper", "remembered", "memory"), (Book(whole, "title"), Book(whole, "stage"), whole.Json.GetProperty("mode").GetString()));
        Assert.Equal(0, whole.Json.GetProperty("timings").GetProperty("readTokens").GetInt32());
        AssertFields(whole.Json);
        Assert.Equal(["keeper", "long"], whole.Json.GetProperty("books").EnumerateArray().Select(book => book.GetProperty("title").GetString()));
        AssertSourcesResolve(whole.Json, title => title == "keeper" ? Story : other);
        RunResult named = await ra.SucceedAsync([.. question, "--book", "long"]);
        Assert.Equal("long", Book(named, "title"));
        Assert.Contains("remembered", named.Errors, StringComparison.Ordinal);
        // The same content, asked about as a file, has the memory that ingesting made.
        RunResult from = await ra.SucceedAsync([.. question, "--from", Path.Combine(ra.Root, "files", "long.txt")]);
        Assert.Equal(0, from.Json.GetProperty("timings").GetProperty("readTokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, from.Json.GetProperty("book").GetProperty("stage").ValueKind);
        Assert.Equal(6, (await ra.RunAsync([.. question, "--book", "nowhere"])).Code);
    }

    [Fact]
    public async Task WithoutReadingTheAnswerComesFromTheTextOfTheBestPassages()
    {
        using RaProgram ra = new();
        ra.UseShippedModel();
        string file = ra.Write("keeper.txt", Story);
        string[] question = ["ask", "What was the name of the parrot of the lighthouse keeper?", "--json", "--max-tokens", "12", "--from", file];
        RunResult text = await ra.SucceedAsync([.. question, "--no-read"]);
        Assert.Equal("text", text.Json.GetProperty("mode").GetString());
        Assert.Contains("no attention memory yet", text.Errors, StringComparison.Ordinal);
        Assert.Contains("Admiral", text.Json.GetProperty("answer").GetString(), StringComparison.Ordinal);
        AssertFields(text.Json);
        AssertSourcesResolve(text.Json, Story);
        Assert.False(Directory.Exists(ra.Memory));
    }

    [Fact]
    public async Task BadFilesAreExplainedAndCostNothing()
    {
        using RaProgram ra = new();
        string good = ra.Write("good.txt", Story), bytes = ra.Write("bytes.txt", "");
        async Task<RunResult> Ask(string file) => await ra.RunAsync("ask", "Who lit the lamp?", "--from", file, "--json", "--max-tokens", "4");
        RunResult empty = await Ask(bytes);
        Assert.Equal(3, empty.Code);
        Assert.Contains("is empty", empty.Errors, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(bytes, [0x7F, .. "ELF"u8, .. Enumerable.Range(0, 2000).Select(i => (byte)(i * 37))], TestContext.Current.CancellationToken);
        RunResult binary = await Ask(bytes);
        Assert.Equal(3, binary.Code);
        Assert.Empty(binary.Output);
        Assert.NotEmpty(binary.Errors);

        RunResult missing = await Ask(good + ".not");
        Assert.Equal(6, missing.Code);
        Assert.Contains("There is no file", missing.Errors, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(bytes, [.. Encoding.UTF8.GetBytes(Story), 0xC3, 0x28, .. " caf"u8, 0xE9, .. " closed.\n"u8], TestContext.Current.CancellationToken);
        RunResult invalid = await Ask(bytes);
        Assert.Equal(0, invalid.Code);
        Assert.Contains("bytes: ", invalid.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Ask(good)).Code);
    }

    [Fact]
    public async Task MistakesEndWithTheirExitCodeAndHelpShowsExamples()
    {
        using RaProgram ra = new();
        string file = ra.Write("story.txt", Story);
        (int Code, string[] Arguments)[] mistakes =
        [
            (2, ["ask"]), (2, ["ask", ""]), (2, ["ask", "Who?", "--from", file, "--book", "story"]), (2, ["ask", "Who?", "--from", file, "--temperature", "9"]),
            (2, ["ask", "Who?", "--from", file, "--library", "../escape"]), (4, ["ask", "Who?", "--from", file, "--model", "no-such-model.gguf"]),
            (6, ["ask", "Who?"]), (6, ["ask", "Who?", "--from", ""]), (4, ["ask", "Who?", "--from", file, "--model", ""]), (7, ["ask", "Who?", "--from", file, "--device", "cuda:0"]), (2, ["memory", "convert", "story"]), (6, ["memory", "convert", "story", "--format", "int4"]),
        ];
        foreach ((int code, string[] arguments) in mistakes)
        {
            RunResult result = await ra.RunAsync(arguments);
            Assert.True(result.Code == code, $"ra {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
            Assert.Empty(arguments[^1] == "cuda:0" ? "" : result.Output.Contains('{') ? result.Output : "");
            Assert.DoesNotContain("   at RetrievalAttention", result.Errors, StringComparison.Ordinal);
        }
        foreach (string[] command in (string[][])[["ask"], ["memory", "verify"], ["memory", "convert"]])
        {
            RunResult help = await ra.SucceedAsync([.. command, "--help"]);
            Assert.Contains("Example", help.Output, StringComparison.Ordinal);
            Assert.Contains($"ra {string.Join(' ', command)}", help.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ConfiguredGatesAreThoseOfTheConfiguredModel()
    {
        using RaProgram ra = new();
        ra.Set("RA_Model__Gates", "missing");
        string[] ask = ["ask", "Who lit the lamp?", "--from", ra.Write("story.txt", Story), "--max-tokens", "2"];
        Assert.Equal(4, (await ra.RunAsync(ask)).Code);
        await ra.SucceedAsync([.. ask, "--model", ra.Model]);
        Assert.Equal(6, (await ra.RunAsync("calibrate", "--questions", "no-such-file.jsonl")).Code);
    }

    [Fact]
    public async Task DoctorFindsWhatIsNotUsable()
    {
        using RaProgram ra = new();
        ra.Set("RA_Model__Embedder", Path.GetDirectoryName(ra.Write("embedder/config.json", "{}"))!);
        ra.Set("RA_Model__Gates", "missing");
        ra.Set("RA_Model__Device", "cuda:9");
        RunResult device = await ra.RunAsync("doctor", "--json");
        Assert.Equal(7, device.Code);
        Assert.Equal(["device", "gates", "self-test", "embedder"], Bad(device));
        RunResult model = await ra.RunAsync("doctor", "--json", "--model", "no-such-model.gguf");
        Assert.Equal(["device", "model", "retrieval heads", "embedder"], Bad(model));
        ra.Set("RA_Model__Device", "cpu");
        Assert.Equal(4, (await ra.RunAsync("doctor", "--json", "--model", "no-such-model.gguf")).Code);

        static IEnumerable<string?> Bad(RunResult result) =>
            result.Json.GetProperty("checks").EnumerateArray().Where(check => !check.GetProperty("good").GetBoolean()).Select(check => check.GetProperty("name").GetString());
    }

    private static string? Book(RunResult result, string property) => result.Json.GetProperty("book").GetProperty(property).GetString();

    /// <summary>The fields of an answer and their types.</summary>
    private static void AssertFields(JsonElement answer)
    {
        Assert.Equal(JsonValueKind.String, answer.GetProperty("answer").ValueKind);
        Assert.Contains(answer.GetProperty("mode").GetString(), (string[])["memory", "full", "text"]);
        Assert.All((string[])["model", "device"], name => Assert.NotEmpty(answer.GetProperty(name).GetString()!));
        Assert.True(double.IsFinite(answer.GetProperty("support").GetDouble()));
        JsonElement timings = answer.GetProperty("timings");
        Assert.All((string[])["readSeconds", "readTokens", "retrievalMilliseconds", "firstTokenMilliseconds", "tokensPerSecond"],
            name => Assert.True(timings.GetProperty(name).GetDouble() >= 0, name));
        Assert.NotEmpty(answer.GetProperty("sources").EnumerateArray());
        foreach (JsonElement source in answer.GetProperty("sources").EnumerateArray())
        {
            Assert.All((string[])["document", "title", "section", "quote"], name => Assert.Equal(JsonValueKind.String, source.GetProperty(name).ValueKind));
            Assert.InRange(source.GetProperty("attention").GetDouble(), 0, 1);
            Assert.InRange(source.GetProperty("end").GetInt32(), source.GetProperty("start").GetInt32() + 1, int.MaxValue);
        }
    }

    /// <summary>text[start:end] of the decoded file is the quote, up to white space.</summary>
    private static void AssertSourcesResolve(JsonElement answer, string text) => AssertSourcesResolve(answer, _ => text);

    /// <param name="textOf">Text of the book with a title.</param>
    private static void AssertSourcesResolve(JsonElement answer, Func<string, string> textOf)
    {
        foreach (JsonElement source in answer.GetProperty("sources").EnumerateArray())
        {
            string slice = textOf(source.GetProperty("title").GetString()!)[source.GetProperty("start").GetInt32()..source.GetProperty("end").GetInt32()];
            Assert.Equal(Squeezed(slice), Squeezed(source.GetProperty("quote").GetString()!));
        }
    }

    private static string Squeezed(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
