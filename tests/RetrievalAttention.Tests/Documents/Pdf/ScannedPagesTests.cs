using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Tests.Documents.Pdf;

public sealed class ScannedPagesTests : IDisposable
{
    private readonly TemporaryFolder _programs = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _programs.Dispose();
    }

    [Fact]
    public void APageThatIsRecognisedSlowlyIsNoSilence()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-ins for pdftoppm and tesseract are shell scripts.");
        AddProgram("pdftoppm", "for last; do :; done; printf picture > \"$last.png\"");
        AddProgram("tesseract", """
            if [ "$1" = --list-langs ]; then printf 'List of available languages (1):\neng\n'; exit; fi
            sleep 0.5
            printf 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n'
            printf '5\t1\t1\t1\t1\t1\t100\t100\t300\t40\t96\tPharos\n'
            """);
        Environment.SetEnvironmentVariable("PATH", $"{_programs.Path}{Path.PathSeparator}{_path}");
        List<long> done = [];
        Document document = new PdfReader().Read(PdfFixture.PathOf("scan-linn-two-column.pdf"), new ReadingOptions { Ocr = true }, new Recorder(done), TestContext.Current.CancellationToken);
        Assert.StartsWith("Pharos", document.Text);
        Assert.Equal(0, done[0]);
        Assert.Equal(document.Pages.Count, done[^1]);
    }

    private void AddProgram(string name, string script)
    {
        string path = _programs.Write(name, "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Pages recognised so far, at each report.</summary>
    private sealed class Recorder(List<long> done) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Task.StartsWith("Recognising", StringComparison.Ordinal)) done.Add(value.Done);
        }
    }
}
