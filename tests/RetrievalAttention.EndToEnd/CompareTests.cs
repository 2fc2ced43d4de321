using System.Text.Json;
using RetrievalAttention.Tests.Models;

namespace RetrievalAttention.EndToEnd;

/// <summary>Comparisons with a small model of random weights, whose shape is another than the shipped one's: what is measured means nothing, that it is measured and kept does.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly RaProgram _ra = new();

    /// <summary>Places read 448 tokens before them, besides what is attended to.</summary>
    private readonly TinyModelFolder _model = new(contextLength: 2048);

    private readonly string[] _command;
    private readonly string _book;

    public CompareTests()
    {
        _ra.Set("RA_Model__Decoder", _model.ModelPath);
        string book = GeneratedBook.Of(1, 3, 12);
        _book = _ra.Write("book.txt", book);
        int start = book.Length / 2;
        string evidence = book[start..(start + 30)];
        string questions = string.Join('\n', Enumerable.Range(0, 2).Select(i => JsonSerializer.Serialize(new
        {
            id = $"q{i}",
            document = "book.txt",
            question = i == 0 ? "Where is the sea?" : "What is in the letter?",
            answer = "the sea is easing",
            evidence,
            char_offset = start,
        })));
        string file = _ra.Write("questions.jsonl", questions);
        _command = ["compare", "--root", Path.GetDirectoryName(file)!, "--questions", file, "--budget", "128,256", "--cells", Cells];
    }

    private string Cells => Path.Combine(_ra.Root, "cells.jsonl");

    [Fact]
    public async Task EveryMethodIsMeasuredOnceAndThePageNeedsNothingElse()
    {
        string page = Path.Combine(_ra.Root, "report.html");
        RunResult first = await _ra.SucceedAsync([.. _command, "--report", page, "--json"]);
        JsonElement rows = first.Json.GetProperty("tables")[0].GetProperty("rows");
        Assert.True(rows.GetArrayLength() > 50, $"{rows.GetArrayLength()} rows");
        Assert.All(rows.EnumerateArray(), row => Assert.True(double.IsFinite(row.GetProperty("figures").GetProperty("nll").GetProperty("mean").GetProperty("mean").GetDouble()), row.GetProperty("method").GetString()));

        string html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("<svg", html);
        Assert.Contains("quest", html);
        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("<script", html);

        int measured = File.ReadAllLines(Cells).Length;
        RunResult second = await _ra.SucceedAsync([.. _command, "--json"]);
        Assert.Equal(first.Output, second.Output);
        Assert.Equal(measured, File.ReadAllLines(Cells).Length);
    }

    [Fact]
    public async Task EveryMeasureHasItsTableAndIsKept()
    {
        string page = Path.Combine(_ra.Root, "report.html");
        string[] command = [.. _command, "--methods", "sinks,topk,rag,quoted", "--measures", "all", "--places", "4", "--each", "1"];
        RunResult first = await _ra.SucceedAsync([.. command, "--report", page, "--json"]);
        JsonElement[] tables = [.. first.Json.GetProperty("tables").EnumerateArray()];
        Assert.Equal(["answers", "generated", "language", "mass"], tables.Select(table => table.GetProperty("measure").GetString()));
        Assert.All(tables, table => Assert.Equal(8, table.GetProperty("rows").GetArrayLength()));
        Assert.Equal(1, tables[0].GetProperty("rows")[0].GetProperty("questions").GetInt32());
        // The book has no names, so that only the even half of the places is there.
        Assert.Equal(2, tables[2].GetProperty("rows")[0].GetProperty("questions").GetInt32());
        Assert.True(tables[3].GetProperty("byHead").GetArrayLength() > 0);
        Assert.Contains("query head", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken));

        int measured = File.ReadAllLines(Cells).Length;
        RunResult second = await _ra.SucceedAsync([.. command, "--json"]);
        Assert.Equal(first.Output, second.Output);
        Assert.Equal(measured, File.ReadAllLines(Cells).Length);
    }

    [Fact]
    public async Task MadeUpQuestionsHaveATableATaskAndLengthAndLeaveNoMemoryBehind()
    {
        string page = Path.Combine(_ra.Root, "report.html");
        string[] command = ["compare", "--synthetic", _book, "--lengths", "2000,3000", "--samples", "1", "--methods", "gold-text,sinks", "--budget", "128", "--cells", Cells];
        RunResult first = await _ra.SucceedAsync([.. command, "--report", page, "--json"]);
        (string?, int)[] kinds = [.. first.Json.GetProperty("tables").EnumerateArray().Select(table => (table.GetProperty("task").GetString(), table.GetProperty("length").GetInt32()))];
        Assert.Equal(24, kinds.Distinct().Count());
        Assert.Contains(("variables-4", 3000), kinds);
        Assert.Contains("3,000 tokens", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(_ra.Root, "*.memory", SearchOption.AllDirectories));

        Assert.Equal("gold-text", first.Json.GetProperty("heldAgainst").GetString());
        RunResult second = await _ra.SucceedAsync([.. command, "--json"]);
        Assert.Equal(first.Output, second.Output);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("quoted")]
    public async Task DifferencesAreTakenToAMethodThatIsCompared(string against) =>
        Assert.Equal(2, (await _ra.RunAsync([.. _command, "--methods", "sinks,quest", "--against", against])).Code);

    [Fact]
    public async Task CellsOfAnotherEmbedderAreNotTaken()
    {
        string[] command = [.. _command, "--methods", "closed"];
        await _ra.SucceedAsync(command);
        int measured = File.ReadAllLines(Cells).Length;
        _ra.Set("RA_Embeddings__QueryPrefix", "query: ");
        await _ra.SucceedAsync(command);
        Assert.Equal(2 * measured, File.ReadAllLines(Cells).Length);
    }

    [Fact]
    public async Task StoppedItGoesOnWhereItWas()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs SIGINT");
        using (RunningProgram running = _ra.Start(_command))
        {
            while (!running.HasEnded && (!File.Exists(Cells) || File.ReadAllLines(Cells).Length < 5)) await Task.Delay(5, TestContext.Current.CancellationToken);
            running.Interrupt();
            RunResult stopped = await running.EndAsync();
            Assert.Equal(130, stopped.Code);
        }
        string[] kept = File.ReadAllLines(Cells);
        RunResult whole = await _ra.SucceedAsync(_command);
        string[] all = File.ReadAllLines(Cells);
        Assert.True(kept.Length < all.Length, $"all {all.Length} cells were there before it was stopped");
        Assert.Equal(kept, all[..kept.Length]);
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Contains("documents of a file", whole.Output, StringComparison.OrdinalIgnoreCase);
    }

    public void Dispose()
    {
        _ra.Dispose();
        _model.Dispose();
    }
}
