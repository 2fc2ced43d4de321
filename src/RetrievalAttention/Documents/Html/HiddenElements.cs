using AngleSharp.Dom;

namespace RetrievalAttention.Documents.Html;

/// <summary>Elements that a browser would not show, or that are no part of the text: scripts, controls, navigation, display:none.</summary>
internal sealed class HiddenElements
{
    private static readonly HashSet<string> Tags =
    [
        "script", "style", "template", "noscript", "nav", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "map", "head",
        "button", "input", "select", "textarea", "datalist", "dialog", "rt", "rp", "noframes", "frameset",
    ];

    private static readonly HashSet<string> Roles = ["navigation", "search", "menu", "menubar", "toolbar", "tablist", "alert", "dialog"];

    private readonly HashSet<IElement> _byStyleSheet = [];

    public HiddenElements(IDocument page)
    {
        foreach (IElement sheet in page.QuerySelectorAll("style"))
            foreach (string selector in HidingSelectors(sheet.TextContent)) AddMatches(page, selector);
    }

    public bool Contains(IElement element) =>
        Tags.Contains(element.LocalName)
        || element.HasAttribute("hidden")
        || element.GetAttribute("aria-hidden") == "true"
        || (element.GetAttribute("role") is { } role && Roles.Contains(role))
        || (element.GetAttribute("style") is { } style && Hides(style))
        || IsPageFrame(element)
        || _byStyleSheet.Contains(element);

    /// <summary>A header or footer of the page, not of an article inside.</summary>
    private static bool IsPageFrame(IElement element) =>
        element.GetAttribute("role") is "banner" or "contentinfo" || (element.LocalName is "header" or "footer" && element.ParentElement?.LocalName == "body"
            && element.QuerySelector("h1,main,article") is null);

    /// <summary>Selectors of rules outside of media queries that set display:none or visibility:hidden.</summary>
    private static IEnumerable<string> HidingSelectors(string css)
    {
        int depth = 0, ruleStart = 0, open = 0;
        bool conditional = false;
        for (int i = 0; i < css.Length; i++)
        {
            if (css[i] == '{' && depth++ == 0)
            {
                open = i;
                conditional = css.AsSpan(ruleStart, i - ruleStart).TrimStart().StartsWith("@");
            }
            else if (css[i] == '}' && depth > 0 && --depth == 0)
            {
                if (!conditional && Hides(css[(open + 1)..i])) yield return css[ruleStart..open].Trim();
                ruleStart = i + 1;
            }
        }
    }

    private static bool Hides(string declarations) => declarations.Split(';').Any(declaration =>
        declaration.Replace(" ", "").Trim().ToLowerInvariant() is var rule
        && (rule.StartsWith("display:none", StringComparison.Ordinal) || rule.StartsWith("visibility:hidden", StringComparison.Ordinal)));

    private void AddMatches(IDocument page, string selector)
    {
        try
        {
            _byStyleSheet.UnionWith(page.QuerySelectorAll(selector));
        }
        catch (DomException)
        {
            // A selector of a newer CSS than the parser knows hides nothing here; what it meant cannot be told.
        }
    }
}
