namespace RetrievalAttention.Documents.Pdf;

/// <summary>Reads pages that are only pictures by the external programs pdftoppm and tesseract.</summary>
internal static class ScannedPages
{
    public static void Read(
        PdfFile file, ReadingOptions options, UnfinishedPages unfinished, List<PageLines> pages, ReadingWarnings warnings,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int[] scanned = [.. warnings.PagesWithoutText];
        if (scanned.Length == 0) return;
        int done = 0, known = 0;
        if (TesseractOcr.Find(file.Path, options.Password, Metadata.LanguageOf(file), Report) is not { } ocr)
        {
            warnings.Add(TesseractOcr.HowToInstall);
            return;
        }
        foreach (int number in scanned)
        {
            cancellation.ThrowIfCancellationRequested();
            string? table = unfinished.Recognised(number);
            if (table is not null) known++;
            else if ((table = ocr.Read(number, cancellation, out string problem)) is not null) unfinished.KeepRecognised(number, table);
            else warnings.Add(problem);
            List<List<TextLine>> regions = table is null ? [] : TesseractOcr.Lines(table, number, pages[number - 1].Height);
            if (regions.Count > 0)
            {
                pages[number - 1] = pages[number - 1] with { Regions = regions };
                warnings.ReadByOcr(number);
            }
            done++;
            Report();
        }
        int read = scanned.Length - warnings.PagesWithoutText.Count;
        if (read > 0) warnings.Add($"{read} of {pages.Count} pages {(read == 1 ? "was" : "were")} read by tesseract from pictures; expect misread letters.");

        void Report() => progress?.Report(new WorkProgress($"Recognising {file.Name}", done, scanned.Length, "pages", known));
    }
}
