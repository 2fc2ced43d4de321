namespace RetrievalAttention.Documents.Pdf;

/// <summary>Reads pages that are only pictures by the external programs pdftoppm and tesseract.</summary>
internal static class ScannedPages
{
    public static void Read(
        PdfFile file, ReadingOptions options, List<PageLines> pages, ReadingWarnings warnings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        int[] scanned = [.. warnings.PagesWithoutText];
        if (scanned.Length == 0) return;
        if (TesseractOcr.Find(file.Path, options.Password, Metadata.LanguageOf(file)) is not { } ocr)
        {
            warnings.Add(TesseractOcr.HowToInstall);
            return;
        }
        for (int i = 0; i < scanned.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int number = scanned[i];
            List<List<TextLine>> regions = ocr.Read(number, pages[number - 1].Height, cancellation, out string? problem);
            if (problem is not null) warnings.Add(problem);
            if (regions.Count > 0)
            {
                pages[number - 1] = pages[number - 1] with { Regions = regions };
                warnings.ReadByOcr(number);
            }
            progress?.Report(new WorkProgress($"Recognising {file.Name}", i + 1, scanned.Length, "pages"));
        }
        int read = scanned.Length - warnings.PagesWithoutText.Count;
        if (read > 0) warnings.Add($"{read} of {pages.Count} pages {(read == 1 ? "was" : "were")} read by tesseract from pictures; expect misread letters.");
    }
}
