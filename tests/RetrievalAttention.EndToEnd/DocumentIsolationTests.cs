using System.Text.Json;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Isolation;

namespace RetrievalAttention.EndToEnd;

/// <summary>The built program as the process that parses documents.</summary>
public sealed class DocumentIsolationTests : IDisposable
{
    /// <summary>So deep that the HTML parser needs minutes.</summary>
    private static readonly string Endless = "<html><body>" + string.Concat(Enumerable.Repeat("<div>", 200_000));

    private readonly string _folder = Directory.CreateTempSubdirectory("ra-isolation-").FullName;
    private readonly IsolatedDocumentReader _reader = new(new ChildProgram("dotnet", [Path.Combine(AppContext.BaseDirectory, "ra.dll"), "read-document"]), TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _reader.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task DocumentsAreTheSameAsReadInThisProcess()
    {
        string[] paths =
        [
            Write("a.txt", "CHAPTER I\n\nIt began, with “quotes” and 😀.\n\n\nCHAPTER II\n\n  A line\n  Another line\n"),
            Write("b.md", "# One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Two\n\nWords.\n"),
            Write("c.html", "<html lang=de><title>Titel</title><h1>Eins</h1><p>Wörter.</p>"),
        ];
        foreach (string path in paths)
        {
            Document inside = DocumentReaders.All.Read(path, new ReadingOptions(), null, Cancellation);
            Document isolated = await _reader.ReadAsync(path, new ReadingOptions(), null, Cancellation);
            Assert.Equal(JsonSerializer.Serialize(inside), JsonSerializer.Serialize(isolated));
        }
    }

    [Fact]
    public async Task ProblemsComeThroughAndTheNextDocumentIsRead()
    {
        string empty = Write("empty.txt", ""), good = Write("good.txt", "Good words.");
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => _reader.ReadAsync(empty, new ReadingOptions(), null, Cancellation));
        Assert.Contains("is empty", problem.Message);
        Assert.Equal("Good words.", (await _reader.ReadAsync(good, new ReadingOptions(), null, Cancellation)).Text);
    }

    [Fact]
    public async Task ADocumentThatNeedsTooMuchMemoryFailsAlone()
    {
        string greedy = Write("greedy.html", "<html><body>" + string.Concat(Enumerable.Repeat("<p><b>x</b></p>", 700_000))), good = Write("good.txt", "Good words.");
        ReadingOptions options = new() { MemoryMegabytes = 128 };
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => _reader.ReadAsync(greedy, options, null, Cancellation));
        Assert.Contains("more than 128 MB of memory", problem.Message);
        Assert.Equal("Good words.", (await _reader.ReadAsync(good, options, null, Cancellation)).Text);
    }

    [Fact]
    public async Task ADocumentThatTakesForEverFailsAlone()
    {
        string endless = Write("endless.html", Endless);
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => _reader.ReadAsync(endless, new ReadingOptions { SilenceSeconds = 2 }, null, Cancellation));
        Assert.Contains("stand still for 2 seconds", problem.Message);
    }

    [Fact]
    public async Task CancellingEndsTheProcessAndSoDoesDisposing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");
        string endless = Write("endless.html", Endless);
        using CancellationTokenSource cancelled = new();
        Task<Document> reading = _reader.ReadAsync(endless, new ReadingOptions(), null, cancelled.Token);
        await WaitFor(() => Children().Count == 1);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await WaitFor(() => Children().Count == 0);

        await _reader.ReadAsync(Write("good.txt", "Good words."), new ReadingOptions(), null, Cancellation);
        int idle = Assert.Single(Children());
        Assert.DoesNotContain("libtorch", await File.ReadAllTextAsync($"/proc/{idle}/maps", Cancellation));
        _reader.Dispose();
        await WaitFor(() => Children().Count == 0);
    }

    [Fact]
    public async Task SignalsToTheWholeProgramDoNotFailTheDocument()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");
        await _reader.ReadAsync(Write("first.txt", "First words."), new ReadingOptions(), null, Cancellation);
        int child = Assert.Single(Children());
        foreach (string signal in new[] { "-INT", "-TERM" })
        {
            using System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", [signal, child.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(Cancellation);
        }
        Assert.Equal("Second words.", (await _reader.ReadAsync(Write("second.txt", "Second words."), new ReadingOptions(), null, Cancellation)).Text);
        Assert.Equal(child, Assert.Single(Children()));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task WaitFor(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(20, Cancellation);
    }

    /// <summary>Reading processes that this test process started and that still run.</summary>
    private static List<int> Children()
    {
        List<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id)) continue;
            try
            {
                string[] status = File.ReadAllLines(Path.Combine(folder, "status"));
                bool ours = status.Contains($"PPid:\t{Environment.ProcessId}") && !status.Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
                if (ours && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains("read-document")) found.Add(id);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The process ended while it was looked at.
            }
        }
        return found;
    }
}
