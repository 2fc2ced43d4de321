using System.Security.Cryptography;
using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

/// <summary>What can go wrong while a book is read or its memory is used, done to the built program.</summary>
public class MemoryReliabilityTests
{
    private static readonly string[] Question = ["ask", "Where did the captain find the silver lantern?", "--json", "--max-tokens", "4", "--from"];

    [Fact]
    public async Task AfterCtrlCAndKillsTheMemoryHasTheBytesOfAnUndisturbedReading()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT.");
        using RaProgram undisturbed = new(), disturbed = new();
        string file = undisturbed.Write("book.txt", GeneratedBook.Of(4, 12, 80));
        string expected = (await undisturbed.SucceedAsync([.. Question, file])).Json.GetProperty("answer").GetString()!;
        long size = MemoryFile(undisturbed).Length;

        Random random = new(8);
        int interrupted = 0;
        for (int stop = 0; stop < 5; stop++)
        {
            using RunningProgram running = disturbed.Start([.. Question, file]);
            long enough = (long)(size * (stop + random.NextDouble()) / 7);
            while (!running.HasEnded && (Directory.Exists(disturbed.Memory) ? Directory.GetFiles(disturbed.Memory, "*.memory").Sum(path => new FileInfo(path).Length) : 0) < enough)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            if (stop % 2 == 0) running.Interrupt();
            else running.Kill();
            RunResult ended = await running.EndAsync();
            if (ended.Code == 0) continue;
            interrupted++;
            if (stop % 2 != 0) continue;
            Assert.Equal(130, ended.Code);
            Assert.Contains("goes on from there", ended.Errors, StringComparison.Ordinal);
        }
        Assert.True(interrupted >= 2, $"only {interrupted} readings were stopped");
        JsonElement answer = (await disturbed.SucceedAsync([.. Question, file])).Json;
        Assert.Equal(expected, answer.GetProperty("answer").GetString());
        Assert.Equal(FilesOf(undisturbed), FilesOf(disturbed));
    }

    [Fact]
    public async Task TwoProcessesAskAboutTheSameFileAndOneReadsIt()
    {
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(5, 6, 60));
        RunResult[] results = await Task.WhenAll(ra.SucceedAsync([.. Question, file]), ra.SucceedAsync([.. Question, file]));
        Assert.Equal(results[0].Json.GetProperty("answer").GetString(), results[1].Json.GetProperty("answer").GetString());
        int[] read = [.. results.Select(result => result.Json.GetProperty("timings").GetProperty("readTokens").GetInt32())];
        Assert.Equal(0, read.Min());
        Assert.True(read.Max() > 1000, $"{read.Max()} tokens");
    }

    [Fact]
    public async Task DamageIsFoundByVerifyNamedByAQuestionAndReadAgain()
    {
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(6, 4, 40));
        await ra.SucceedAsync("ingest", file);
        FileInfo memory = MemoryFile(ra);
        byte[] good = await File.ReadAllBytesAsync(memory.FullName, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await ra.SucceedAsync("memory", "verify", "--json")).Json.GetProperty("damaged").GetInt32());
        string renamed = Path.Combine(ra.Root, "b.memory");
        memory.CopyTo(renamed);
        await ra.SucceedAsync("memory", "verify", renamed);

        // Block 0 is among what every memory of a short book is asked for sooner or later; without the index all blocks are used.
        await using (FileStream stream = memory.Open(FileMode.Open, FileAccess.Write))
        {
            stream.Position = 4096 + 3000;
            stream.WriteByte(0xA5);
            stream.WriteByte(0x5A);
        }
        File.Delete(memory.FullName + ".index");
        RunResult verify = await ra.RunAsync("memory", "verify", "book", "--json");
        Assert.Equal(5, verify.Code);
        JsonElement checkedFile = Assert.Single(verify.Json.GetProperty("files").EnumerateArray());
        Assert.Equal([0], checkedFile.GetProperty("damagedBlocks").EnumerateArray().Select(block => block.GetInt32()));
        Assert.Equal("missing", checkedFile.GetProperty("index").GetString());

        RunResult asked = await ra.SucceedAsync([.. Question[..^1], "--book", "book"]);
        Assert.Contains("Block 0 of the memory", asked.Errors, StringComparison.Ordinal);
        Assert.Contains("again from there", asked.Errors, StringComparison.Ordinal);
        Assert.Equal(good, await File.ReadAllBytesAsync(memory.FullName, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await ra.SucceedAsync("memory", "verify", file, "--json")).Json.GetProperty("damaged").GetInt32());
    }

    [Fact]
    public async Task DamageThatNoQuestionMeetsIsRepairedByVerifyAndReadAgainByIngest()
    {
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(6, 4, 40));
        await ra.SucceedAsync("ingest", file);
        FileInfo memory = MemoryFile(ra);
        byte[] good = await File.ReadAllBytesAsync(memory.FullName, TestContext.Current.CancellationToken);
        await using (FileStream stream = memory.Open(FileMode.Open, FileAccess.Write))
        {
            stream.Position = 4096 + 3000;
            stream.Write([1, 2, 3, 4, 5, 6, 7, 8]);
        }
        RunResult refused = await ra.RunAsync("memory", "convert", "book", "--format", "keys");
        Assert.Equal(5, refused.Code);
        Assert.Contains("--repair", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("cut off", (await ra.SucceedAsync("memory", "verify", "--repair")).Errors, StringComparison.Ordinal);
        await ra.SucceedAsync("ingest", file);
        Assert.Equal(good, await File.ReadAllBytesAsync(memory.FullName, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AfterAChangeOfTheWindowIngestReadsEveryBookAnew()
    {
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(6, 4, 40));
        await ra.SucceedAsync("ingest", file);
        ra.Set("RA_Memory__Window", "512");
        await ra.SucceedAsync("ingest", file);
        JsonElement[] memories = [.. (await ra.SucceedAsync("show", "book", "--json")).Json.GetProperty("memory").EnumerateArray()];
        Assert.Equal(2, memories.Length);
        Assert.All(memories, memory => Assert.True(memory.GetProperty("complete").GetBoolean()));
        await ra.SucceedAsync("ingest", file);
        Assert.Equal(2, (await ra.SucceedAsync("show", "book", "--json")).Json.GetProperty("memory").GetArrayLength());
    }

    [Fact]
    public async Task AConvertedMemoryIsSmallerShownAndUsedWithoutReading()
    {
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(7, 4, 40));
        ra.Set("RA_Memory__Format", "Float16");
        await ra.SucceedAsync("ingest", file);
        double Shown(JsonElement book, string property) => Assert.Single(book.GetProperty("memory").EnumerateArray()).GetProperty(property).GetDouble();
        JsonElement before = (await ra.SucceedAsync("show", "book", "--json")).Json;
        JsonElement converted = (await ra.SucceedAsync("memory", "convert", "book", "--format", "int4", "--json")).Json;
        Assert.Equal("int4", Assert.Single(converted.GetProperty("files").EnumerateArray()).GetProperty("to").GetString());
        RunResult asked = await ra.SucceedAsync([.. Question[..^1], "--book", "book"]);
        Assert.Equal(0, asked.Json.GetProperty("timings").GetProperty("readTokens").GetInt32());
        JsonElement after = (await ra.SucceedAsync("show", "book", "--json")).Json;
        Assert.True(Shown(after, "bytesPerToken") < Shown(before, "bytesPerToken"), $"{Shown(before, "bytesPerToken")} became {Shown(after, "bytesPerToken")}");
        Assert.Contains("int4", (await ra.SucceedAsync("show", "book")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await ra.RunAsync("memory", "convert", "book", "--format", "float16")).Code);
    }

    [Fact]
    public async Task OfABookKeptAsKeysTheBlocksAreReadAsText()
    {
        using RaProgram ra = new();
        ra.Set("RA_Memory__Format", "keys");
        await ra.SucceedAsync("ingest", ra.Write("book.txt", GeneratedBook.Of(7, 4, 40)));
        JsonElement shown = Assert.Single((await ra.SucceedAsync("show", "book", "--json")).Json.GetProperty("memory").EnumerateArray());
        Assert.Equal(("keys", true), (shown.GetProperty("format").GetString(), shown.GetProperty("complete").GetBoolean()));
        Assert.Equal(0, (await ra.SucceedAsync("memory", "verify", "--json")).Json.GetProperty("damaged").GetInt32());
        JsonElement asked = (await ra.SucceedAsync([.. Question[..^1], "--book", "book"])).Json;
        Assert.Equal(("text", 0), (asked.GetProperty("mode").GetString(), asked.GetProperty("timings").GetProperty("readTokens").GetInt32()));
        Assert.NotEmpty(asked.GetProperty("sources").EnumerateArray());
        Assert.Equal(0, (await ra.SucceedAsync("search", "the silver lantern", "--json")).Code);

        RunResult larger = await ra.RunAsync("memory", "convert", "book", "--format", "int4");
        Assert.Equal(2, larger.Code);
        Assert.Contains("--reread", larger.Errors, StringComparison.Ordinal);
        RunResult written = await ra.RunAsync("write", "book", "A scene.", "--words", "20");
        Assert.Equal(2, written.Code);
        Assert.Contains("Set Memory:Format to int4", written.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyMemoryBecomesKeysWithoutReading()
    {
        using RaProgram ra = new();
        await ra.SucceedAsync("ingest", ra.Write("book.txt", GeneratedBook.Of(7, 1, 20)));
        Assert.Equal("memory", (await ra.SucceedAsync([.. Question[..^1], "--book", "book"])).Json.GetProperty("mode").GetString());
        JsonElement converted = Assert.Single((await ra.SucceedAsync("memory", "convert", "book", "--format", "keys", "--json")).Json.GetProperty("files").EnumerateArray());
        Assert.True(converted.GetProperty("bytesAfter").GetInt64() <= converted.GetProperty("bytesBefore").GetInt64());
        JsonElement asked = (await ra.SucceedAsync([.. Question[..^1], "--book", "book"])).Json;
        Assert.Equal(("text", 0), (asked.GetProperty("mode").GetString(), asked.GetProperty("timings").GetProperty("readTokens").GetInt32()));
    }

    [Fact]
    public async Task AFullDiskStopsTheReadingWithAnExplanationAndItGoesOnWhenThereIsRoom()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a shell whose ulimit limits the size of files.");
        using RaProgram ra = new();
        string file = ra.Write("book.txt", GeneratedBook.Of(8, 6, 60));
        // Writes behind the limit fail as on a full disk; without write-xor-execute, for which the runtime makes a huge file of its own.
        ra.Set("DOTNET_EnableWriteXorExecute", "0");
        using RunningProgram limited = ra.StartThrough("sh", ["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""], [.. Question, file]);
        RunResult full = await limited.EndAsync();
        Assert.True(full.Code == 7, $"ended with {full.Code}: {full.Errors}");
        Assert.Contains("cannot be written to", full.Errors, StringComparison.Ordinal);
        Assert.Empty(full.Output);
        JsonElement answer = (await ra.SucceedAsync([.. Question, file])).Json;
        int read = answer.GetProperty("timings").GetProperty("readTokens").GetInt32();
        JsonElement whole = Assert.Single((await ra.SucceedAsync("memory", "verify", "--json")).Json.GetProperty("files").EnumerateArray());
        Assert.True(whole.GetProperty("complete").GetBoolean());
        Assert.InRange(read, 1, whole.GetProperty("tokens").GetInt32() - 1);
    }

    [Fact]
    public async Task AReadOnlyFolderIsExplainedAndWhatIsReadAlreadyAnswersStill()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "Needs root and setpriv to become a user without rights.");
        using RaProgram ra = new();
        string read = ra.Write("read.txt", GeneratedBook.Of(9, 2, 20)), unread = ra.Write("unread.txt", GeneratedBook.Of(10, 2, 20));
        await ra.SucceedAsync([.. Question, read]);
        File.Delete(MemoryFile(ra).FullName + ".index");
        ra.OpenToOthers();
        ra.Set("HOME", "/tmp");
        string[] nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        using RunningProgram probe = new("setpriv", [.. nobody, "dotnet", "--list-runtimes"], new Dictionary<string, string>());
        Assert.SkipUnless((await probe.EndAsync()).Code == 0, "The user without rights cannot start dotnet here.");

        using RunningProgram refused = ra.StartThrough("setpriv", nobody, [.. Question, unread]);
        RunResult result = await refused.EndAsync();
        Assert.True(result.Code == 7, $"ended with {result.Code}: {result.Errors}");
        Assert.Contains("cannot be written to", result.Errors, StringComparison.Ordinal);
        using RunningProgram answered = ra.StartThrough("setpriv", nobody, [.. Question, read]);
        result = await answered.EndAsync();
        Assert.True(result.Code == 0, $"ended with {result.Code}: {result.Errors}");
    }

    private static FileInfo MemoryFile(RaProgram ra) => new(Assert.Single(Directory.GetFiles(ra.Memory, "*.memory")));

    private static IReadOnlyList<string> FilesOf(RaProgram ra) =>
        [.. Directory.GetFiles(ra.Memory).Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}")];
}
