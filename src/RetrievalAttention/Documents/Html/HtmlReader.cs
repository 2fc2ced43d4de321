using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Documents.Html;

/// <summary>Reads a web page's main content. Nothing it links to is loaded, no script is run.</summary>
public sealed partial class HtmlReader : IDocumentReader
{
    /// <summary>An article that holds at least this share of the page's text is its main content.</summary>
    private const double MainShare = 0.5;

    public DocumentFormat Format => DocumentFormat.Html;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile file = SourceFile.Examine(path);
        byte[] bytes = file.ReadBytes(options.MaxTextBytes, cancellation);
        DecodedText decoded = Decode(bytes, file.Path);
        cancellation.ThrowIfCancellationRequested();

        IDocument page = new HtmlParser().ParseDocument(decoded.Text);
        DocumentBuilder builder = new();
        foreach (string warning in decoded.Warnings) builder.Warn(warning);
        HtmlText text = HtmlText.AddTo(builder, page, MainContent(page), leavesOutContents: false, cancellation);
        foreach ((int start, int level, string title) in text.Headings) builder.BeginSection(start, level, title);
        Document document = builder.Build(file, Format, ContentHash.Of(bytes), page.Title, Meta(page, "author"), page.DocumentElement.GetAttribute("lang"));
        progress?.Report(new WorkProgress($"Reading {document.Title}", bytes.Length, bytes.Length, "bytes"));
        return document;
    }

    /// <summary>Valid UTF-8 is believed before a declaration, which is often wrong; other bytes are read as declared.</summary>
    internal static DecodedText Decode(byte[] bytes, string path)
    {
        DecodedText? utf8 = DecodedText.FromDeclared(bytes, "utf-8");
        if (utf8 is not null && !utf8.Text.Contains('\0')) return utf8 with { Text = utf8.Text.TrimStart('\uFEFF') };
        Match declared = Charset().Match(Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 4096)));
        return (declared.Success ? DecodedText.FromDeclared(bytes, declared.Groups["name"].Value) : null) ?? DecodedText.From(bytes, path);
    }

    private static IElement MainContent(IDocument page)
    {
        IElement body = page.Body ?? page.DocumentElement;
        IHtmlCollection<IElement> mains = page.QuerySelectorAll("main,[role=main]");
        if (mains.Length == 1 && !string.IsNullOrWhiteSpace(mains[0].TextContent)) return mains[0];
        IHtmlCollection<IElement> articles = page.QuerySelectorAll("article");
        return articles.Length == 1 && articles[0].TextContent.Length >= MainShare * body.TextContent.Length ? articles[0] : body;
    }

    private static string? Meta(IDocument page, string name) => page.QuerySelector($"meta[name='{name}' i]")?.GetAttribute("content");

    [GeneratedRegex(@"(charset|encoding)\s*=\s*[""']?(?<name>[\w\-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();
}
