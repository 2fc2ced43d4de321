using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

public class WorkerTests
{
    [Fact]
    public async Task TheServiceTakesInWhatAppearsInAWatchedFolderAndStopsAtSigterm()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using RaProgram ra = new();
        ra.Write("first.txt", GeneratedBook.Of(1, 1, 10));
        ra.Set("RA_Ingestion__WatchedFolders__0", Path.Combine(ra.Root, "files"));
        ra.Set("RA_Ingestion__SettleSeconds", "0.2");
        using RunningProgram worker = ra.Start("worker");
        await UntilAsync(ra, worker, documents => documents.Length == 1 && documents.All(IsEmbedded));
        JsonElement status = (await ra.SucceedAsync("status", "--json")).Json;
        Assert.Equal("worker", Assert.Single(status.GetProperty("workers").EnumerateArray()).GetProperty("kind").GetString());

        ra.Write("deeper/second.txt", GeneratedBook.Of(2, 1, 10));
        await UntilAsync(ra, worker, documents => documents.Length == 2 && documents.All(IsEmbedded));

        worker.Terminate();
        RunResult ended = await worker.EndAsync();
        Assert.True(ended.Code == 0, $"ended with {ended.Code}: {ended.Errors}");
        Assert.Empty(ended.Output);
        Assert.Empty((await ra.SucceedAsync("status", "--json")).Json.GetProperty("workers").EnumerateArray());
    }

    [Fact]
    public async Task AKilledServiceIsNotShownAsWorking()
    {
        using RaProgram ra = new();
        for (int i = 0; i < 20; i++) ra.Write($"{i}.txt", GeneratedBook.Of(i, 3, 40));
        ra.Set("RA_Ingestion__WatchedFolders__0", Path.Combine(ra.Root, "files"));
        using RunningProgram worker = ra.Start("worker");
        await UntilAsync(ra, worker, documents => documents.Length > 0);
        worker.Kill();
        await worker.EndAsync();
        JsonElement status = (await ra.SucceedAsync("status", "--json")).Json;
        Assert.Empty(status.GetProperty("running").EnumerateArray());
        Assert.Empty(status.GetProperty("workers").EnumerateArray());
    }

    private static bool IsEmbedded(JsonElement document) => document.GetProperty("stage").GetString() is "embedded" or "remembered";

    private static async Task UntilAsync(RaProgram ra, RunningProgram worker, Func<JsonElement[], bool> reached)
    {
        for (int look = 0; look < 200; look++)
        {
            Assert.False(worker.HasEnded, "The service ended by itself.");
            RunResult list = await ra.RunAsync("list", "--json");
            if (list.Code == 0 && reached([.. list.Json.GetProperty("documents").EnumerateArray()])) return;
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        Assert.Fail("The service did not take the files in.");
    }
}
