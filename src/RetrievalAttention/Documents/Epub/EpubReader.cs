using AngleSharp.Dom;
using RetrievalAttention.Documents.Html;

namespace RetrievalAttention.Documents.Epub;

/// <summary>
/// Reads EPUB 2 and 3: container, package, the pages of the spine, sections from the table of contents (else from headings), printed pages
/// where the book keeps them. Links that lead out are never followed.
/// </summary>
public sealed class EpubReader : IDocumentReader
{
    /// <summary>Below this many places a table of contents says less than the headings.</summary>
    private const int FewestEntries = 2;

    public DocumentFormat Format => DocumentFormat.Epub;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile file = SourceFile.Examine(path);
        file.RefuseEmpty();
        using DocumentArchive archive = new(file, options.MaxUnpackedBytes);
        EpubPackage package = EpubPackage.Read(archive, cancellation);
        EpubContents contents = EpubContents.Read(archive, package, cancellation);

        DocumentBuilder builder = new();
        Dictionary<string, SpinePage> pages = [];
        foreach (string name in package.Spine)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Reading {package.Title ?? Path.GetFileName(path)}", pages.Count, package.Spine.Count, "files"));
            if (!archive.Contains(name))
            {
                builder.Warn($"The part '{name}' of the reading order is missing in the file.");
                continue;
            }
            IDocument page = EpubPage.Parse(archive.Read(name, cancellation), name);
            int start = builder.NextStart;
            pages[name] = new SpinePage(start, HtmlText.AddTo(builder, page, page.Body ?? page.DocumentElement, leavesOutContents: true, cancellation));
        }
        AddSections(builder, contents, pages);
        AddPages(builder, contents, pages);
        return builder.Build(file, Format, ContentHash.OfFile(file.Path, cancellation), package.Title, package.Author, package.Language);
    }

    private static void AddSections(DocumentBuilder builder, EpubContents contents, Dictionary<string, SpinePage> pages)
    {
        List<(int Start, ContentsEntry Entry)> placed = [];
        int next = builder.NextStart;
        // From the end, so that an entry that only groups others takes the place of its first.
        foreach (ContentsEntry entry in contents.Sections.Reverse())
        {
            int? start = entry.File is null ? next : Place(pages, entry);
            if (start is not { } found || found >= builder.NextStart) continue;
            placed.Add((found, entry));
            next = found;
        }
        placed.Reverse();
        if (placed.Select(place => place.Start).Distinct().Count() >= FewestEntries)
        {
            foreach ((int start, ContentsEntry entry) in placed) builder.BeginSection(start, entry.Depth, entry.Title);
            return;
        }
        foreach (SpinePage page in pages.Values)
            foreach ((int start, int level, string title) in page.Text.Headings) builder.BeginSection(start, level, title);
    }

    private static void AddPages(DocumentBuilder builder, EpubContents contents, Dictionary<string, SpinePage> pages)
    {
        List<(int Start, string Label)> breaks = [.. pages.Values.SelectMany(page => page.Text.PageBreaks)];
        if (breaks.Count == 0)
        {
            foreach (ContentsEntry entry in contents.Pages)
                if (Place(pages, entry) is { } start) breaks.Add((start, entry.Title));
        }
        foreach ((int start, string label) in breaks) builder.BeginPage(start, label);
    }

    /// <summary>Where an entry leads; null for one to a file that is not in the reading order.</summary>
    private static int? Place(Dictionary<string, SpinePage> pages, ContentsEntry entry)
    {
        if (entry.File is null || !pages.TryGetValue(entry.File, out SpinePage? page)) return null;
        return entry.Fragment.Length > 0 && page.Text.Anchors.TryGetValue(entry.Fragment, out int anchor) ? anchor : page.Start;
    }

    private sealed record SpinePage(int Start, HtmlText Text);
}
