using UglyToad.PdfPig;
using UglyToad.PdfPig.Exceptions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>An open PDF, with its bytes' hash. Whatever is wrong with the file as a whole is found here.</summary>
internal sealed class PdfFile : IDisposable
{
    /// <summary>PdfPig holds the whole file in memory.</summary>
    private const long LargestFile = 1 << 30;

    /// <summary>Readers accept junk before the header up to here (ISO 32000-1, annex H.3.4.1).</summary>
    private const int HeaderZone = 1024;

    private PdfFile(string path, string contentHash, PdfDocument document, FontTable fonts)
    {
        Fonts = fonts;
        Path = path;
        ContentHash = contentHash;
        Document = document;
        document.AddPageFactory<GlyphPage, GlyphPageFactory>();
    }

    public string Path { get; }

    public string ContentHash { get; }

    public PdfDocument Document { get; }

    /// <summary>Filled as pages are read.</summary>
    public FontTable Fonts { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    /// <exception cref="ProblemException">The file cannot be opened, is damaged, or needs another password.</exception>
    public static PdfFile Open(string path, ReadingOptions options, CancellationToken cancellation)
    {
        SourceFile source = SourceFile.Examine(path);
        byte[] bytes = source.ReadBytes(LargestFile, cancellation, "Split it.");
        string name = System.IO.Path.GetFileName(source.Path);
        if (bytes.AsSpan(0, Math.Min(bytes.Length, HeaderZone)).IndexOf("%PDF-"u8) < 0)
        {
            throw new ProblemException(ProblemKind.Document, $"{name} is not a PDF: its first {HeaderZone} bytes do not hold \"%PDF-\".");
        }
        CrossReferenceGuard.Check(bytes, name);
        try
        {
            var parsing = new GlyphParsing { UseLenientParsing = true, SkipMissingFonts = true, ClipPaths = false };
            if (options.Password is not null) parsing.Passwords.Add(options.Password);
            var document = PdfDocument.Open(bytes, parsing);
            if (document.NumberOfPages == 0) throw Damaged(name, "It has no pages.", null);
            return new PdfFile(source.Path, Documents.ContentHash.Of(bytes), document, parsing.Fonts);
        }
        catch (PdfDocumentEncryptedException encrypted)
        {
            string problem = options.Password is null ? "no password was given" : "the given password is wrong";
            throw new ProblemException(
                ProblemKind.Document, $"{name} is encrypted and {problem}. Give the password that opens it with --password.", encrypted);
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            throw Damaged(name, failure.Message, failure);
        }
    }

    /// <summary>
    /// Whether a failure inside PdfPig is the file's fault. On damaged files it throws nearly every type there is, so all count but those
    /// that speak of this program or this machine.
    /// </summary>
    public static bool IsDamage(Exception failure) =>
        failure is not (ProblemException or OperationCanceledException or OutOfMemoryException or InsufficientExecutionStackException);

    public void Dispose() => Document.Dispose();

    private static ProblemException Damaged(string name, string reason, Exception? inner) => new(
        ProblemKind.Document,
        $"{name} is a damaged PDF. {reason.TrimEnd('.', ' ')}. Opening it in a PDF viewer and saving or printing it to a new file often repairs it.", inner);
}
