using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

/// <summary>Trainings of a few steps, with a model of random weights where one is needed: that they stop, go on, and are used, not what they learn.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly RaProgram _ra = new();

    private string Out => Path.Combine(_ra.Root, "out");

    [Fact]
    public async Task ListOpsIsTrainedWithoutAndWithMemory()
    {
        string[] command = ["train", "listops", "--steps", "3", "--length", "64", "--out", Out, "--json"];
        RunResult first = await _ra.SucceedAsync(command);
        Assert.Equal(2, first.Json.GetProperty("results").GetArrayLength());
        Assert.InRange(first.Json.GetProperty("majorityClass").GetDouble(), 0.1, 0.4);
        Assert.All(["listops.png", "listops.svg", "window.checkpoint", "memory.checkpoint"], name => Assert.True(File.Exists(Path.Combine(Out, name)), name));

        RunResult again = await _ra.SucceedAsync(command);
        Assert.Equal(first.Output, again.Output);
    }

    [Fact]
    public async Task GatesAreTrainedUsedAndNeverMeasuredOnTheirBooks()
    {
        string books = Path.GetDirectoryName(_ra.Write("books/trained.txt", GeneratedBook.Of(1, 3, 60)))!;
        _ra.Write("books/other.txt", GeneratedBook.Of(2, 3, 60));
        RunResult trained = await _ra.SucceedAsync("train", "gates", "--root", books, "--book", "trained", "--held-out", "other", "--name", "mine", "--steps", "2", "--places", "2", "--adapters", "2", "--out", Out, "--json");
        Assert.Equal(2, trained.Json.GetProperty("heldOut")[0].GetProperty("tokens").GetProperty("places").GetInt32());
        Assert.True(File.Exists(Path.Combine(Out, "gates.png")));

        string[] measure = ["eval", "writing", "--root", books, "--places", "1", "--prompts", "0", "--gates", "mine", "--json", "--book"];
        await _ra.SucceedAsync([.. measure, "other"]);
        RunResult refused = await _ra.RunAsync([.. measure, "trained"]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("trained on", refused.Errors, StringComparison.Ordinal);

        RunResult both = await _ra.RunAsync("train", "gates", "--root", books, "--book", "trained", "--held-out", "trained", "--out", Out);
        Assert.Equal(2, both.Code);
        RunResult missing = await _ra.RunAsync("ask", "Where?", "--from", Path.Combine(books, "other.txt"), "--gates", "others");
        Assert.Equal(4, missing.Code);
    }

    public void Dispose() => _ra.Dispose();
}
