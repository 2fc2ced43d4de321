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

    /// <summary>Memory of the process that parses a document, in MiB; a document that needs more fails. Default: 2048; range 64 to 65536.</summary>
    public long MemoryMegabytes { get; init; } = 2048;

    /// <summary>Seconds without progress (a page, a chapter) after which a document fails. Default: 30; range 1 to 3600.</summary>
    public int SilenceSeconds { get; init; } = 30;

    /// <summary>Minutes after which a document that is still being parsed fails. Default: 240; range 1 to 10080.</summary>
    public int ReadingMinutes { get; init; } = 240;

    /// <summary>Folder where pages are kept until their document is done, so that reading goes on after a kill; a library has its own. Default: null, for none.</summary>
    public string? UnfinishedFolder { get; init; }

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        Check(nameof(MaxTextBytes), MaxTextBytes, 1, 1L << 30);
        Check(nameof(MaxUnpackedBytes), MaxUnpackedBytes, 1, 4L << 30);
        Check(nameof(MemoryMegabytes), MemoryMegabytes, 64, 65536);
        Check(nameof(SilenceSeconds), SilenceSeconds, 1, 3600);
        Check(nameof(ReadingMinutes), ReadingMinutes, 1, 10080);
        if (faults.Count > 0) throw new ProblemException(ProblemKind.Setting, $"Section \"Documents\": {string.Join("; ", faults)}.");

        void Check(string name, long value, long least, long most)
        {
            if (value < least || value > most) faults.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} is {value}, expected {least} to {most}"));
        }
    }
}

/// <summary>Reads one format. Implementations are stateless and safe to use from several threads.</summary>
public interface IDocumentReader
{
    DocumentFormat Format { get; }

    /// <exception cref="ProblemException">The file is damaged, encrypted, empty or not of this format.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; never reported as a bad document.</exception>
    Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}
