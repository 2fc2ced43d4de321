using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using RetrievalAttention.Documents.Html;

namespace RetrievalAttention.Documents.Epub;

/// <summary>An XHTML file of an EPUB, parsed as HTML: it forgives what is not well-formed, and knows no entities but those of HTML.</summary>
internal static partial class EpubPage
{
    public static IDocument Parse(byte[] bytes, string name)
    {
        // To an HTML parser <title/> and <a id="p5"/> only open.
        string markup = SelfClosing().Replace(HtmlReader.Decode(bytes, name).Text, "<$1$2></$1>");
        return new HtmlParser().ParseDocument(markup);
    }

    [GeneratedRegex(@"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)([a-zA-Z][\w:\-]*)((?:\s[^<>]*?)?)/>")]
    private static partial Regex SelfClosing();
}
