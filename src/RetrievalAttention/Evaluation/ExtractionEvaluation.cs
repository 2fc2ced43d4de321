using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// Measures how well PDFs are read: every X.pdf against X.txt (what poppler's pdftotext writes, running heads and page numbers included)
/// and X.source.txt (the text that the PDF was made from), and pdftotext itself against the same texts.
/// </summary>
public static class ExtractionEvaluation
{
    private static readonly string[] ReferenceEndings = [".txt", ".source.txt"];

    private static readonly TimeSpan PeerTimeLimit = TimeSpan.FromMinutes(2);

    /// <summary>Timed runs after one run that warms up; the fastest counts, for both readers.</summary>
    private const int TimedRuns = 3;

    /// <param name="root">Folder, searched with its subfolders.</param>
    /// <param name="password">Tried on encrypted files; null for none.</param>
    /// <exception cref="ProblemException">The folder does not exist or holds no PDF.</exception>
    public static ExtractionReport Run(string root, string? password, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(root)) throw new ProblemException(ProblemKind.NotFound, $"The folder {root} does not exist. Give one that holds PDFs with --root.");
        string[] files = [.. Directory.EnumerateFiles(root, "*.pdf", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"The folder {root} holds no PDF.");

        var results = new List<ExtractionResult>();
        for (int i = 0; i < files.Length; i++)
        {
            progress?.Report(new WorkProgress("Reading PDFs", i, files.Length, "files"));
            results.AddRange(Measure(root, files[i], new ReadingOptions { Password = password }, cancellation));
        }
        return new ExtractionReport(results, PeerVersion(cancellation));
    }

    private static IEnumerable<ExtractionResult> Measure(string root, string path, ReadingOptions options, CancellationToken cancellation)
    {
        string file = Path.GetRelativePath(root, path);
        PdfExtraction extraction;
        try
        {
            extraction = PdfReader.Extract(path, options, null, cancellation);
        }
        catch (ProblemException problem)
        {
            return [new ExtractionResult { File = file, Problem = problem.Message }];
        }
        int pages = extraction.Document.Pages.Count;
        double rate = pages / FastestRun(() => ProcessorTime.Own(() => PdfReader.Extract(path, options, null, cancellation)));
        Peer? peer = ReadByPeer(path, options, pages, cancellation);

        string[] references = [.. ReferenceEndings.Select(ending => Path.ChangeExtension(path, null) + ending).Where(File.Exists)];
        var measured = new ExtractionResult
        {
            File = file,
            Pages = pages,
            PagesPerSecond = rate,
            PdftotextPagesPerSecond = peer?.PagesPerSecond,
            RunningHeadWords = extraction.RunningHeads.Sum(heads => heads.Sum(head => WordComparison.Words(head).Length)),
            Warnings = extraction.Document.Warnings,
        };
        if (references.Length == 0) return [measured];
        return references.Select(reference => Against(reference, measured, extraction, peer));
    }

    private static ExtractionResult Against(string reference, ExtractionResult measured, PdfExtraction extraction, Peer? peer)
    {
        string wanted = File.ReadAllText(reference);
        WordComparison.Result read = WordComparison.Compare(WithRunningHeads(extraction), wanted);
        WordComparison.Result textOnly = WordComparison.Compare(extraction.Document.Text, wanted);
        WordComparison.Result? other = peer is null ? null : WordComparison.Compare(peer.Text, wanted);
        return measured with
        {
            Reference = Path.GetFileName(reference),
            WordF1 = read.F1,
            OrderError = read.OrderError,
            WordF1TextOnly = textOnly.F1,
            OrderErrorTextOnly = textOnly.OrderError,
            ProseF1 = read.ProseF1,
            PdftotextWordF1 = other?.F1,
            PdftotextOrderError = other?.OrderError,
        };
    }

    /// <summary>The text with each page's running heads before the page's first whole word.</summary>
    private static string WithRunningHeads(PdfExtraction extraction)
    {
        string text = extraction.Document.Text;
        var all = new System.Text.StringBuilder(text.Length);
        int done = 0;
        foreach (PageSpan page in extraction.Document.Pages)
        {
            int start = page.Start;
            while (start > 0 && start < text.Length && !char.IsWhiteSpace(text[start - 1])) start++;
            if (start > done) all.Append(text, done, start - done);
            done = Math.Max(done, start);
            foreach (string head in extraction.RunningHeads[page.Number - 1]) all.Append(head).Append('\n');
        }
        return all.Append(text, done, text.Length - done).ToString();
    }

    private sealed record Peer(string Text, double PagesPerSecond);

    /// <summary>Poppler's pdftotext on the same file; null when it is not installed or fails.</summary>
    private static Peer? ReadByPeer(string path, ReadingOptions options, int pages, CancellationToken cancellation)
    {
        if (ExternalProgram.OnPath("pdftotext") is not { } program) return null;
        string[] password = options.Password is null ? [] : ["-upw", options.Password];
        ExternalProgram.Result result = default;
        double seconds = FastestRun(() => ProcessorTime.OfChildren(
            () => result = ExternalProgram.Run(program, ["-enc", "UTF-8", .. password, path, "-"], PeerTimeLimit, cancellation)));
        return result.Succeeded ? new Peer(result.Output, pages / seconds) : null;
    }

    private static string? PeerVersion(CancellationToken cancellation)
    {
        if (ExternalProgram.OnPath("pdftotext") is not { } program) return null;
        ExternalProgram.Result result = ExternalProgram.Run(program, ["-v"], PeerTimeLimit, cancellation);
        return (result.Output + result.Errors).Split('\n')[0].Trim();
    }

    /// <summary>Seconds of processor time: what one core needs, whatever else the machine does.</summary>
    private static double FastestRun(Func<TimeSpan> run) => Enumerable.Range(0, TimedRuns).Min(_ => run()).TotalSeconds;
}
