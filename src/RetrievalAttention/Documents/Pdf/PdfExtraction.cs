namespace RetrievalAttention.Documents.Pdf;

/// <summary>What was read from a PDF.</summary>
/// <param name="RunningHeads">Running heads, feet and page numbers that were left out, one list a page.</param>
internal sealed record PdfExtraction(Document Document, IReadOnlyList<IReadOnlyList<string>> RunningHeads);
