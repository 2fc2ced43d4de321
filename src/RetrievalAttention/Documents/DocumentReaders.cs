using System.IO.Compression;
using RetrievalAttention.Documents.Docx;
using RetrievalAttention.Documents.Epub;
using RetrievalAttention.Documents.Html;
using RetrievalAttention.Documents.Markdown;
using RetrievalAttention.Documents.Pdf;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Documents;

/// <summary>All readers: finds out what a file is and gives it to the reader of that format.</summary>
public sealed class DocumentReaders(IEnumerable<IDocumentReader> readers)
{
    /// <summary>Bytes from which a format is told.</summary>
    private const int HeadBytes = 4096;

    private readonly Dictionary<DocumentFormat, IDocumentReader> _readers = readers.ToDictionary(reader => reader.Format);

    /// <summary>Every format that the library reads, parsed in this process.</summary>
    public static DocumentReaders All { get; } = new([new PlainTextReader(), new MarkdownReader(), new HtmlReader(), new EpubReader(), new DocxReader(), new PdfReader()]);

    /// <summary>What the file is, by its content; only Markdown and parts of web pages are told from text by their extension.</summary>
    /// <exception cref="ProblemException">The file is missing, empty, or of a kind that is not read; the message names what it looks like.</exception>
    public static DocumentFormat Detect(string path)
    {
        SourceFile file = SourceFile.Examine(path);
        file.RefuseEmpty();
        byte[] head = new byte[HeadBytes];
        using FileStream stream = SourceFile.Open(file.Path);
        Span<byte> start = head.AsSpan(0, stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false));

        if (start[..Math.Min(start.Length, 1024)].IndexOf("%PDF-"u8) >= 0) return DocumentFormat.Pdf;
        if (start.StartsWith("PK\x3\x4"u8)) return InArchive(stream, file.Path);
        if (FileSignatures.Name(start) is { } name)
            throw new ProblemException(ProblemKind.Document, $"'{file.Path}' is {name}. Readable are text, Markdown, HTML, PDF, EPUB and DOCX.");
        if (IsHtml(start, Path.GetExtension(path).ToLowerInvariant())) return DocumentFormat.Html;
        return Path.GetExtension(path).ToLowerInvariant() is ".md" or ".markdown" ? DocumentFormat.Markdown : DocumentFormat.Text;
    }

    /// <exception cref="ProblemException">The file is damaged, of an unknown kind, or changed or vanished while it was read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile before = SourceFile.Examine(path);
        DocumentFormat format = Detect(path);
        if (!_readers.TryGetValue(format, out IDocumentReader? reader))
            throw new ProblemException(ProblemKind.Document, $"'{before.Path}' is of the format {format}, for which there is no reader here.");
        Document document = reader.Read(before.Path, options, progress, cancellation);
        before.RefuseIfChanged();
        // A writer that keeps size and time (a restored backup, a coarse clock) is still found by the content.
        if (ContentHash.OfFile(before.Path, cancellation) != document.ContentHash) throw before.Changed();
        return format == DocumentFormat.Text && Misnamed(before.Path) is { } warning ? document with { Warnings = [.. document.Warnings, warning] } : document;
    }

    /// <summary>What to say of text whose name promises something else; null for all other names.</summary>
    private static string? Misnamed(string path)
    {
        string extension = Path.GetExtension(path).TrimStart('.').ToUpperInvariant();
        return extension is "PDF" or "EPUB" or "DOCX" ? $"Its name says {extension}, but it is none: it was read as plain text. If that is not what it should be, get the file again." : null;
    }

    private static DocumentFormat InArchive(FileStream stream, string path)
    {
        try
        {
            stream.Position = 0;
            using ZipArchive archive = new(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.GetEntry("META-INF/container.xml") is not null) return DocumentFormat.Epub;
            if (archive.GetEntry("word/document.xml") is not null) return DocumentFormat.Docx;
        }
        catch (InvalidDataException error)
        {
            throw new ProblemException(ProblemKind.Document, $"'{path}' is a damaged zip archive ({error.Message}). Get it again from where it came.", error);
        }
        throw new ProblemException(ProblemKind.Document,
            $"'{path}' is a zip archive, but neither an EPUB nor a DOCX. Unpack it, and ingest what it holds.");
    }

    /// <summary>A page at the start, after blanks, comments and an XML declaration; in a file that is named as a page, any markup.</summary>
    private static bool IsHtml(ReadOnlySpan<byte> head, string extension)
    {
        string start = System.Text.Encoding.Latin1.GetString(head).Replace("\0", "").TrimStart('\u00EF', '\u00BB', '\u00BF', '\u00FF', '\u00FE', ' ', '\t', '\r', '\n');
        if (extension is ".html" or ".htm" or ".xhtml" && start.StartsWith('<')) return true;
        while (start.StartsWith("<!--", StringComparison.Ordinal) || start.StartsWith("<?", StringComparison.Ordinal))
        {
            string close = start[1] == '?' ? "?>" : "-->";
            int end = start.IndexOf(close, StringComparison.Ordinal);
            if (end < 0) break;
            start = start[(end + close.Length)..].TrimStart();
        }
        string[] tags = ["<!doctype html", "<html", "<head", "<body"];
        return tags.Any(tag => start.StartsWith(tag, StringComparison.OrdinalIgnoreCase));
    }
}
