using System.Text.Json;

namespace RetrievalAttention.EndToEnd;

public class LibraryCommandTests
{
    [Fact]
    public async Task BooksAreIngestedListedShownFoundAndRemoved()
    {
        using RaProgram ra = new();
        ra.Write("one.txt", GeneratedBook.Of(1, 2, 20));
        ra.Write("two.md", "# A heading\n\nSome text under it.\n");
        ra.Write("broken.pdf", "%PDF-1.7 and nothing more");
        string files = Path.Combine(ra.Root, "files");

        RunResult ingested = await ra.SucceedAsync("ingest", files, "--json");
        Assert.Equal(["broken.pdf failed", "one.txt added", "two.md added"],
            ingested.Json.GetProperty("files").EnumerateArray().Select(f => $"{Path.GetFileName(f.GetProperty("path").GetString())} {f.GetProperty("outcome").GetString()}"));

        JsonElement[] documents = [.. (await ra.SucceedAsync("list", "--json")).Json.GetProperty("documents").EnumerateArray()];
        Assert.Equal(3, documents.Length);
        foreach (string property in (string[])["id", "title", "path", "stage", "tokens", "pages", "warnings"]) Assert.All(documents, d => Assert.True(d.TryGetProperty(property, out _), property));
        Assert.True(documents.Single(d => d.GetProperty("path").GetString()!.EndsWith("one.txt", StringComparison.Ordinal)).GetProperty("tokens").GetInt64() > 100);

        RunResult again = await ra.SucceedAsync("ingest", files, "--json");
        Assert.Equal(2, again.Json.GetProperty("counts").GetProperty("unchanged").GetInt32());
        Assert.Equal(0, again.Json.GetProperty("counts").GetProperty("moved").GetInt32());
        Assert.True((await ra.SucceedAsync("ingest", "--rebuild", "vectors", "--json")).Json.GetProperty("vectors").GetInt32() > 0);

        JsonElement shown = (await ra.SucceedAsync("show", "one", "--json")).Json;
        Assert.Equal(["CHAPTER 1", "CHAPTER 2"], shown.GetProperty("sections").EnumerateArray().Select(s => s.GetProperty("title").GetString()).Where(t => t!.Length > 0));
        Assert.True(shown.GetProperty("bytes").GetProperty("embeddings").GetInt64() > 0);

        await ra.SucceedAsync("remove", "one.txt");
        Assert.Equal(2, (await ra.SucceedAsync("list", "--json")).Json.GetProperty("documents").GetArrayLength());
        Assert.Equal(6, (await ra.RunAsync("show", "one.txt")).Code);

        JsonElement status = (await ra.SucceedAsync("status", "--json")).Json;
        Assert.Single(status.GetProperty("failed").EnumerateArray());
        Assert.Equal((1, 0), (status.GetProperty("documents").GetProperty("failed").GetInt32(), status.GetProperty("documents").GetProperty("queued").GetInt32()));
        Assert.Contains("in the queue again", (await ra.SucceedAsync("retry", "broken")).Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await ra.SucceedAsync("status", "--json")).Json.GetProperty("waiting").GetProperty("extracted").GetInt32());
    }

    [Fact]
    public async Task AfterAChangeOfTheEmbedderBooksAreFoundByWordsAndEmbeddedAgainByTheQueue()
    {
        using RaProgram ra = new();
        string book = ra.Write("one.txt", GeneratedBook.Of(1, 1, 20));
        await ra.SucceedAsync("ingest", book);
        Assert.Equal(["attention", "vectors", "words"], await SignalsAsync());
        ra.Set("RA_Embeddings__PassagePrefix", "passage: ");
        Assert.DoesNotContain("vectors", await SignalsAsync());

        await ra.SucceedAsync("ingest", book);
        Assert.Contains("vectors", await SignalsAsync());
        Assert.Equal([0, 0, 0, 0], (await ra.SucceedAsync("status", "--json")).Json.GetProperty("waiting").EnumerateObject().Select(goal => goal.Value.GetInt32()));

        async Task<IEnumerable<string>> SignalsAsync() =>
            (await ra.SucceedAsync("search", "captain lantern", "--json")).Json.GetProperty("results")[0].GetProperty("signals").EnumerateObject().Select(signal => signal.Name).Order();
    }

    [Fact]
    public async Task PagesWithoutATextLayerAreReadByTesseractWhenAsked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-ins for pdftoppm and tesseract are shell scripts.");
        using RaProgram ra = new();
        ra.WriteProgram("pdftoppm", "for last; do :; done; printf picture > \"$last.png\"");
        ra.WriteProgram("tesseract", """
            if [ "$1" = --list-langs ]; then printf 'List of available languages (1):\neng\n'; exit; fi
            printf 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n'
            printf '5\t1\t1\t1\t1\t1\t100\t100\t300\t40\t96\tPharos\n5\t1\t1\t1\t1\t2\t420\t100\t300\t40\t96\tlighthouse\n'
            """);
        string scan = ra.Write("scan.pdf", ScannedPdf);
        RunResult without = await ra.RunAsync("ingest", scan);
        Assert.Equal(3, without.Code);
        Assert.Contains("--ocr", without.Output, StringComparison.Ordinal);

        await ra.SucceedAsync("ingest", scan, "--ocr");
        Assert.Contains("tesseract", Assert.Single((await ra.SucceedAsync("show", "scan", "--json")).Json.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        JsonElement found = (await ra.SucceedAsync("search", "lighthouse", "--json")).Json.GetProperty("results")[0];
        Assert.Equal("Pharos lighthouse", found.GetProperty("text").GetString());
    }

    /// <summary>One page that shows one grey point.</summary>
    private const string ScannedPdf = """
        %PDF-1.4
        1 0 obj
        << /Type /Catalog /Pages 2 0 R >>
        endobj
        2 0 obj
        << /Type /Pages /Kids [3 0 R] /Count 1 >>
        endobj
        3 0 obj
        << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>
        endobj
        4 0 obj
        << /Length 5 >>
        stream
        /I Do
        endstream
        endobj
        5 0 obj
        << /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>
        stream
        x
        endstream
        endobj
        trailer
        << /Size 6 /Root 1 0 R >>
        startxref
        0
        %%EOF

        """;

    [Theory]
    [InlineData(6, "list")]
    [InlineData(6, "ingest", "no-such-file.txt")]
    [InlineData(2, "ingest")]
    [InlineData(2, "ingest", "")]
    [InlineData(6, "memory", "verify", "--library", "typo")]
    [InlineData(2, "bench", "memory", "--lengths", "0")]
    [InlineData(2, "bench", "full", "--lengths", "0")]
    [InlineData(2, "bench", "questions", "--threads", "0")]
    [InlineData(7, "bench", "memory", "--plot", "/no-such-folder/plot")]
    [InlineData(7, "outline", "book", "--image", "/no-such-folder/strip.png")]
    [InlineData(7, "summarize", "book", "--out", "/no-such-folder/summary.md")]
    [InlineData(7, "write", "book", "Go on.", "--out", "/no-such-folder/text.txt")]
    [InlineData(7, "compare", "--synthetic", "book.txt", "--report", "/no-such-folder/report.html")]
    [InlineData(2, "train", "listops", "--out", "")]
    [InlineData(3, "summarize", "--from", "no-such-file.txt", "--from", "nor-this.txt")]
    [InlineData(2, "list", "--library", "../escape")]
    public async Task MistakesEndWithTheirExitCode(int code, params string[] arguments)
    {
        using RaProgram ra = new();
        RunResult result = await ra.RunAsync(arguments);
        Assert.Equal(code, result.Code);
        Assert.NotEmpty(result.Errors);
        Assert.DoesNotContain("   at RetrievalAttention", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllFaultsOfTheSettingsAreToldAtOnce()
    {
        using RaProgram ra = new();
        ra.Set("RA_Ingestion__Readers", "1000");
        ra.Set("RA_Ingestion__RescanSeconds", "soon");
        ra.Set("RA_Queue__Lease", "5");
        ra.Set("RA_Model__Device", "abacus");
        RunResult result = await ra.RunAsync("list");
        Assert.Equal(2, result.Code);
        Assert.All((string[])["RescanSeconds", "has no setting \"Lease\"", "abacus"], fault => Assert.Contains(fault, result.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFolderThatMayNotBeWrittenToIsExplained()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "Needs root and setpriv to become a user without rights.");
        using RaProgram ra = new();
        ra.Write("one.txt", "A short book.");
        await ra.SucceedAsync("ingest", Path.Combine(ra.Root, "files"));
        ra.Set("HOME", "/tmp");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(ra.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        string[] nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        using RunningProgram probe = new("setpriv", [.. nobody, "dotnet", "--list-runtimes"], new Dictionary<string, string>());
        Assert.SkipUnless((await probe.EndAsync()).Code == 0, "The user without rights cannot start dotnet here.");
        using RunningProgram ingest = ra.StartThrough("setpriv", nobody, "ingest", Path.Combine(ra.Root, "files"));
        RunResult result = await ingest.EndAsync();
        Assert.Equal(7, result.Code);
        Assert.Contains("writ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoProcessesIngestTheSameFolderAtTheSameTime()
    {
        const int Books = 12;
        using RaProgram ra = new();
        for (int i = 0; i < Books; i++) ra.Write($"{i}.txt", GeneratedBook.Of(i, 1, 10));
        string files = Path.Combine(ra.Root, "files");
        using RunningProgram first = ra.Start("ingest", files, "--json"), second = ra.Start("ingest", files, "--json");
        RunResult[] results = [await first.EndAsync(), await second.EndAsync()];
        Assert.All(results, r => Assert.True(r.Code == 0, r.Errors));
        Assert.Equal(Books, results.Sum(r => r.Json.GetProperty("counts").GetProperty("added").GetInt32()));
        Assert.Equal(Books, (await ra.SucceedAsync("list", "--json")).Json.GetProperty("documents").EnumerateArray().Count(d => d.GetProperty("problem").ValueKind == JsonValueKind.Null));
    }
}
