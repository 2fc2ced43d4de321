namespace RetrievalAttention.Evaluation;

/// <param name="Pdftotext">Version line of the pdftotext that was compared; null when it is not installed.</param>
public sealed record ExtractionReport(IReadOnlyList<ExtractionResult> Files, string? Pdftotext);

/// <summary>One PDF against one reference. Numbers are null where there was nothing to measure.</summary>
public sealed record ExtractionResult
{
    /// <summary>Path relative to the root.</summary>
    public required string File { get; init; }

    /// <summary>File name of the reference text; null when there is none.</summary>
    public string? Reference { get; init; }

    public int Pages { get; init; }

    /// <summary>
    /// Word F1 of everything that was read: the text and the running heads, feet and page numbers that were left out of it on purpose,
    /// which the .txt references contain.
    /// </summary>
    public double? WordF1 { get; init; }

    /// <summary>Order error of the same, running heads at the start of their page.</summary>
    public double? OrderError { get; init; }

    /// <summary>Word F1 of the document's text alone.</summary>
    public double? WordF1TextOnly { get; init; }

    public double? OrderErrorTextOnly { get; init; }

    /// <summary>
    /// Word F1 of everything read, over words of two or more letters only. In a text full of formulas most single characters are symbols,
    /// and there the .txt references are often wrong themselves: pdftotext writes "0" for a prime and "6" for a negating slash.
    /// </summary>
    public double? ProseF1 { get; init; }

    /// <summary>Pages read in a second of processor time, by this process, warm: all work from the file to the finished document.</summary>
    public double? PagesPerSecond { get; init; }

    public double? PdftotextWordF1 { get; init; }

    public double? PdftotextOrderError { get; init; }

    /// <summary>Pages in a second of the program's processor time, its start included.</summary>
    public double? PdftotextPagesPerSecond { get; init; }

    /// <summary>Words left out as running heads, feet and page numbers.</summary>
    public int RunningHeadWords { get; init; }

    /// <summary>Why the file could not be read; null when it was.</summary>
    public string? Problem { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];
}
