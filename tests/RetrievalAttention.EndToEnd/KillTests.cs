using System.Diagnostics;

namespace RetrievalAttention.EndToEnd;

public class KillTests
{
    private const int Seed = 20260101;

    /// <summary>RA_KILLS=30 and RA_DATA (the folder of test data) make it the full test: a 261-page PDF and two novels.</summary>
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("RA_KILLS") ?? "4");

    [Fact]
    public async Task KillingTheProgramAtRandomMomentsChangesNothingInTheEnd()
    {
        using RaProgram undisturbed = new(), killed = new();
        string[] files = Environment.GetEnvironmentVariable("RA_KILLS") is null ? Small(killed) : Large();
        Stopwatch watch = Stopwatch.StartNew();
        await undisturbed.SucceedAsync(["ingest", .. files]);
        TimeSpan whole = watch.Elapsed;

        // So many deaths in a row are the test's doing, not a document's.
        killed.Set("RA_Queue__MaxAttempts", "1000");
        Random random = new(Seed);
        int killedInTime = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using RunningProgram running = killed.Start(["ingest", .. files]);
            // All lives together are about as long as the work, so that the last kills still meet some.
            await Task.Delay(whole * (0.02 + 1.9 * random.NextDouble() / Kills), TestContext.Current.CancellationToken);
            if (!running.HasEnded) killedInTime++;
            running.Kill();
            await running.EndAsync();
        }
        await killed.SucceedAsync(["ingest", .. files]);

        Assert.True(killedInTime > 0, "The program ended before every kill.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{killedInTime} of {Kills} kills met the program at work; undisturbed it takes {whole.TotalSeconds:0} s.");
        IReadOnlyList<string> expected = LibraryState.Of(Path.Combine(undisturbed.Libraries, "main")), actual = LibraryState.Of(Path.Combine(killed.Libraries, "main"));
        Assert.True(expected.Count > 100, $"{expected.Count} rows");
        Assert.Equal(expected, actual);
        Assert.Empty(Directory.GetFiles(Path.Combine(killed.Libraries, "main", "workers")));
    }

    private static string[] Small(RaProgram ra) => [.. Enumerable.Range(1, 3).Select(i => ra.Write($"{i}.txt", GeneratedBook.Of(i, 5, 30)))];

    private static string[] Large()
    {
        string data = Environment.GetEnvironmentVariable("RA_DATA") ?? "";
        Assert.SkipUnless(Directory.Exists(data), "RA_DATA names no folder of test data.");
        return [Path.Combine(data, "pdf", "debian-reference-en.pdf"), Path.Combine(data, "books", "treasure-island.txt"), Path.Combine(data, "books", "frankenstein.txt")];
    }
}
