using System.Xml.Linq;

namespace RetrievalAttention.Documents.Epub;

/// <summary>What an EPUB's package document (OPF) declares: metadata, reading order and where its tables of contents are.</summary>
internal sealed record EpubPackage
{
    private static readonly XNamespace Container = "urn:oasis:names:tc:opendocument:xmlns:container";

    /// <summary>Ways of hiding fonts, which are no copy protection of the text.</summary>
    private static readonly string[] FontObfuscation = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

    public string? Title { get; private init; }

    public string? Author { get; private init; }

    public string? Language { get; private init; }

    /// <summary>Archive names of the XHTML files in reading order.</summary>
    public required IReadOnlyList<string> Spine { get; init; }

    /// <summary>EPUB 3 navigation document; null in EPUB 2.</summary>
    public string? Nav { get; private init; }

    /// <summary>EPUB 2 table of contents; null where there is none.</summary>
    public string? Ncx { get; private init; }

    public static EpubPackage Read(DocumentArchive archive, CancellationToken cancellation)
    {
        XDocument container = archive.ReadXml("META-INF/container.xml", cancellation);
        string packageName = (string?)container.Descendants(Container + "rootfile").FirstOrDefault()?.Attribute("full-path")
            ?? throw archive.Problem("is an EPUB whose META-INF/container.xml names no package");
        XElement package = archive.ReadXml(packageName, cancellation).Root!;
        Dictionary<string, Item> manifest = [];
        foreach (XElement item in Named(package, "item"))
        {
            if ((string?)item.Attribute("id") is not { } id || (string?)item.Attribute("href") is not { } href) continue;
            if (EpubPath.Resolve(packageName, href, archive) is { } name)
                manifest.TryAdd(id, new Item(name, (string?)item.Attribute("media-type") ?? "", (string?)item.Attribute("properties") ?? ""));
        }
        List<string> spine = [.. Named(package, "itemref").Select(reference => (string?)reference.Attribute("idref"))
            .Where(id => id is not null && manifest.ContainsKey(id)).Select(id => manifest[id!]).Where(item => item.IsPage).Select(item => item.Name).Distinct()];
        if (spine.Count == 0) throw archive.Problem("is an EPUB whose reading order (spine) names no page");
        RefuseProtected(archive, spine, cancellation);
        string? ncxId = (string?)Named(package, "spine").FirstOrDefault()?.Attribute("toc");
        return new EpubPackage
        {
            Title = Titles(package),
            Author = string.Join(", ", Named(package, "creator").Select(creator => creator.Value.Trim()).Where(name => name.Length > 0)),
            Language = Named(package, "language").FirstOrDefault()?.Value.Trim(),
            Spine = spine,
            Nav = manifest.Values.FirstOrDefault(item => item.Properties.Split(' ').Contains("nav"))?.Name,
            Ncx = ncxId is not null && manifest.TryGetValue(ncxId, out Item? ncx) ? ncx.Name
                : manifest.Values.FirstOrDefault(item => item.MediaType == "application/x-dtbncx+xml")?.Name,
        };
    }

    /// <summary>The title that is refined as the main one, else the first.</summary>
    private static string? Titles(XElement package)
    {
        List<XElement> titles = [.. Named(package, "title")];
        string? mainId = Named(package, "meta").FirstOrDefault(meta => (string?)meta.Attribute("property") == "title-type" && meta.Value.Trim() == "main")
            ?.Attribute("refines")?.Value.TrimStart('#');
        return (titles.FirstOrDefault(title => mainId is not null && (string?)title.Attribute("id") == mainId) ?? titles.FirstOrDefault())?.Value.Trim();
    }

    private static void RefuseProtected(DocumentArchive archive, List<string> spine, CancellationToken cancellation)
    {
        if (!archive.Contains("META-INF/encryption.xml")) return;
        foreach (XElement data in Named(archive.ReadXml("META-INF/encryption.xml", cancellation).Root!, "EncryptedData"))
        {
            string? method = (string?)Named(data, "EncryptionMethod").FirstOrDefault()?.Attribute("Algorithm");
            string? name = (string?)Named(data, "CipherReference").FirstOrDefault()?.Attribute("URI");
            if (!FontObfuscation.Contains(method) && name is not null && spine.Contains(Uri.UnescapeDataString(name)))
                throw archive.Problem("is protected against copying (DRM), so its text cannot be read");
        }
    }

    /// <summary>Elements by local name: books in the wild mix the namespaces of both versions.</summary>
    private static IEnumerable<XElement> Named(XElement root, string name) => root.Descendants().Where(element => element.Name.LocalName == name);

    private sealed record Item(string Name, string MediaType, string Properties)
    {
        public bool IsPage => MediaType is "application/xhtml+xml" or "text/html" or "application/x-dtbook+xml" or "text/x-oeb1-document"
            || Name.EndsWith("html", StringComparison.OrdinalIgnoreCase) || Name.EndsWith(".htm", StringComparison.OrdinalIgnoreCase);
    }
}
