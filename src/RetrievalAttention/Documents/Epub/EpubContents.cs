using System.Xml.Linq;
using AngleSharp.Dom;
using RetrievalAttention.Documents.Html;

namespace RetrievalAttention.Documents.Epub;

/// <summary>One entry of a table of contents or list of pages.</summary>
/// <param name="Depth">0 for the outermost.</param>
/// <param name="File">Name in the archive; null for an entry that only groups others.</param>
internal readonly record struct ContentsEntry(int Depth, string Title, string? File, string Fragment);

/// <summary>An EPUB's table of contents and list of printed pages, from its navigation document or its NCX.</summary>
internal sealed record EpubContents(IReadOnlyList<ContentsEntry> Sections, IReadOnlyList<ContentsEntry> Pages)
{
    public static EpubContents Read(DocumentArchive archive, EpubPackage package, CancellationToken cancellation)
    {
        if (package.Nav is { } nav && archive.Contains(nav))
        {
            IDocument page = EpubPage.Parse(archive.Read(nav, cancellation), nav);
            List<ContentsEntry> sections = FromNav(page, "toc", nav, archive);
            if (sections.Count > 0) return new EpubContents(sections, FromNav(page, "page-list", nav, archive));
        }
        if (package.Ncx is not { } ncx || !archive.Contains(ncx)) return new EpubContents([], []);
        XElement root = archive.ReadXml(ncx, cancellation).Root!;
        return new EpubContents(FromNcx(root, "navMap", "navPoint", ncx, archive), FromNcx(root, "pageList", "pageTarget", ncx, archive));
    }

    private static List<ContentsEntry> FromNav(IDocument page, string type, string from, DocumentArchive archive)
    {
        List<ContentsEntry> entries = [];
        IElement? nav = page.QuerySelectorAll("nav").FirstOrDefault(element => (element.GetAttribute("epub:type") ?? "").Split(' ').Contains(type));
        if (nav is null) return entries;
        foreach (IElement item in nav.QuerySelectorAll("li"))
        {
            IElement? label = item.Children.FirstOrDefault(child => child.LocalName is "a" or "span");
            if (label is null) continue;
            int depth = item.Ancestors<IElement>().TakeWhile(ancestor => ancestor != nav).Count(ancestor => ancestor.LocalName is "ol" or "ul") - 1;
            Add(entries, depth, label.TextContent, label.GetAttribute("href"), from, archive);
        }
        return entries;
    }

    private static List<ContentsEntry> FromNcx(XElement root, string list, string point, string from, DocumentArchive archive)
    {
        List<ContentsEntry> entries = [];
        foreach (XElement element in root.Descendants().Where(element => element.Name.LocalName == point))
        {
            if (!element.Ancestors().Any(ancestor => ancestor.Name.LocalName == list)) continue;
            int depth = element.Ancestors().Count(ancestor => ancestor.Name.LocalName == point);
            XElement? label = element.Elements().FirstOrDefault(child => child.Name.LocalName == "navLabel");
            XElement? content = element.Elements().FirstOrDefault(child => child.Name.LocalName == "content");
            Add(entries, depth, label?.Value ?? "", (string?)content?.Attribute("src"), from, archive);
        }
        return entries;
    }

    private static void Add(List<ContentsEntry> entries, int depth, string label, string? reference, string from, DocumentArchive archive)
    {
        string title = string.Join(' ', label.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string? file = reference is null ? null : EpubPath.Resolve(from, reference, archive);
        if (title.Length > 0) entries.Add(new ContentsEntry(depth, title, file, reference is null ? "" : EpubPath.Fragment(reference)));
    }
}
