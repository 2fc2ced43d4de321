using UglyToad.PdfPig.Outline;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Reads PDFs as a person does: columns one after the other, without running heads and page numbers, words whole, footnotes apart.
/// </summary>
public sealed class PdfReader : IDocumentReader
{
    public DocumentFormat Format => DocumentFormat.Pdf;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        Extract(path, options, progress, cancellation).Document;

    /// <summary>The document, and what was left out of it on purpose.</summary>
    internal static PdfExtraction Extract(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using PdfFile file = PdfFile.Open(path, options, cancellation);
        var warnings = new ReadingWarnings(file.Name);
        var unfinished = new UnfinishedPages(options.UnfinishedFolder, file.ContentHash);

        List<PageRuns> runs = ReadPages(file, unfinished, warnings, progress, out int kept, cancellation);
        List<List<string>> runningHeads = RunningHeads.Remove(runs);
        List<PageLines> pages = runs.ConvertAll(page =>
        {
            Arranging();
            return new PageLines(page.Number, page.Height, page.Regions());
        });
        if (options.Ocr) ScannedPages.Read(file, options, unfinished, pages, warnings, progress, cancellation);
        warnings.CheckText(pages, options);

        LineKinds.Assign(pages);
        Arranging();
        Headings.Mark(warnings.Beside("bookmarks", () => file.Document.TryGetBookmarks(out Bookmarks? bookmarks) ? bookmarks : null), pages);
        Arranging();
        var text = new TextAssembler(pages.Count, new Hyphenation(pages.SelectMany(page => page.Lines)));
        foreach (Block block in ParagraphBuilder.Build(pages)) text.Add(block);

        var document = new Document
        {
            Path = file.Path,
            Format = DocumentFormat.Pdf,
            Title = Metadata.TitleOf(file, pages),
            Author = Metadata.AuthorOf(file),
            Language = Metadata.LanguageOf(file) ?? LanguageGuess.Of(text.Text),
            ContentHash = file.ContentHash,
            Text = text.Text,
            Sections = text.Sections(),
            Paragraphs = text.Paragraphs,
            Pages = text.Pages(warnings.Beside("page labels", () => PageLabels.Read(file.Document)) ?? PageLabels.Plain(pages.Count)),
            Warnings = warnings.Sentences,
        };
        return new PdfExtraction(document, runningHeads);

        // Putting the pages of a long book in order takes its time, which must not look like standing still.
        void Arranging()
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Arranging {file.Name}", runs.Count, runs.Count, "pages", kept));
        }
    }

    /// <param name="kept">Pages that were read before a kill.</param>
    private static List<PageRuns> ReadPages(
        PdfFile file, UnfinishedPages unfinished, ReadingWarnings warnings, IProgress<WorkProgress>? progress, out int kept, CancellationToken cancellation)
    {
        int count = file.Document.NumberOfPages;
        var pages = new List<PageRuns>(count);
        foreach (GlyphPage page in unfinished.Load(file.Fonts)) Take(page);
        kept = pages.Count;
        var batch = new List<GlyphPage>();
        while (pages.Count < count)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Add(ReadPage(file, pages.Count + 1));
            Take(batch[^1]);
            if (batch.Count == UnfinishedPages.Batch)
            {
                unfinished.Keep(batch, file.Fonts);
                batch.Clear();
            }
            progress?.Report(new WorkProgress($"Reading {file.Name}", pages.Count, count, "pages", kept));
        }
        return pages;

        void Take(GlyphPage page)
        {
            pages.Add(new PageRuns(page));
            warnings.Note(page);
        }
    }

    /// <summary>One damaged page must not cost the others.</summary>
    private static GlyphPage ReadPage(PdfFile file, int number)
    {
        try
        {
            return file.Document.GetPage<GlyphPage>(number);
        }
        catch (Exception failure) when (PdfFile.IsDamage(failure))
        {
            return new GlyphPage { Number = number, Height = 0, Fonts = file.Fonts, Damage = failure.Message };
        }
    }
}
