namespace RetrievalAttention.Documents;

/// <summary>How documents are read. Section "Documents" of appsettings.json.</summary>
public sealed record ReadingOptions
{
    /// <summary>Password for encrypted PDFs; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Read pages without a text layer by tesseract, where it is installed. Default: false.</summary>
    public bool Ocr { get; init; }

    /// <summary>Largest text, Markdown or HTML file that is read, in bytes. Default: 64 MiB; range 1 to 1 GiB.</summary>
    public long MaxTextBytes { get; init; } = 64L << 20;

    /// <summary>Most bytes that an EPUB or DOCX may unpack to. Default: 512 MiB; range 1 to 4 GiB.</summary>
    public long MaxUnpackedBytes { get; init; } = 512L << 20;
}

/// <summary>Reads one format. Implementations are stateless and safe to use from several threads.</summary>
public interface IDocumentReader
{
    DocumentFormat Format { get; }

    /// <exception cref="ProblemException">The file is damaged, encrypted, empty or not of this format.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; never reported as a bad document.</exception>
    Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}
