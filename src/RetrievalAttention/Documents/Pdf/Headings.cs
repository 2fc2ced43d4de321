using System.Text;
using UglyToad.PdfPig.Outline;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Marks the lines where sections start: at the file's bookmarks, or at lines of large type where it has none.</summary>
internal static class Headings
{
    private const int DeepestOutline = 12;

    /// <summary>Lines above a bookmark's target, in points, that may still be its heading: viewers aim at the capital's top.</summary>
    private const float AboveTarget = 4;

    /// <param name="bookmarks">Null where the file has none.</param>
    public static void Mark(Bookmarks? bookmarks, IReadOnlyList<PageLines> pages)
    {
        bool marked = false;
        foreach (BookmarkNode root in bookmarks?.Roots ?? []) marked |= Mark(root, [], pages, 0);
        if (!marked) LargeType.Mark(pages);
    }

    private static bool Mark(BookmarkNode node, IReadOnlyList<string> parents, IReadOnlyList<PageLines> pages, int depth)
    {
        if (depth == DeepestOutline) return false;
        string title = OneLine(node.Title);
        IReadOnlyList<string> path = title.Length > 0 ? [.. parents, title] : parents;
        bool marked = false;
        if (title.Length > 0 && node is DocumentBookmarkNode target && target.PageNumber >= 1 && target.PageNumber <= pages.Count)
        {
            marked = MarkTarget(pages[target.PageNumber - 1], (float?)target.Destination.Coordinates.Top, path);
        }
        foreach (BookmarkNode child in node.Children) marked |= Mark(child, path, pages, depth + 1);
        return marked;
    }

    private static bool MarkTarget(PageLines page, float? top, IReadOnlyList<string> path)
    {
        List<TextLine> lines = [.. page.Lines.Where(line => line.Kind != ParagraphKind.Footnote)];
        if (lines.Count == 0) return false;
        string wanted = Letters(path[^1]);
        int at = lines.FindIndex(line => IsNear(line, top) && IsHeading(line, wanted));
        if (at < 0) at = lines.FindIndex(line => IsHeading(line, wanted));
        if (at < 0)
        {
            at = lines.FindIndex(line => IsNear(line, top));
            TextLine target = lines[Math.Max(at, 0)];
            target.StartsSection = path;
            return true;
        }
        lines[at].StartsSection = path;
        MarkHeadingLines(lines, at, wanted);
        return true;
    }

    private static bool IsNear(TextLine line, float? top) => top is null || line.Baseline <= top + AboveTarget;

    /// <summary>The line is the title, a numbered form of it ("3 Title", "Chapter 3: Title") or its beginning.</summary>
    private static bool IsHeading(TextLine line, string wanted)
    {
        if (line.Kind is not (ParagraphKind.Body or ParagraphKind.Table)) return false;
        string found = Letters(line.Text);
        if (found.Length == 0 || wanted.Length == 0) return false;
        if (found.EndsWith(wanted, StringComparison.Ordinal) && found.Length - wanted.Length <= 12) return true;
        if (wanted.EndsWith(found, StringComparison.Ordinal) && wanted.Length - found.Length <= 6) return true;
        return found.Length >= 4 && wanted.StartsWith(found, StringComparison.Ordinal) && found.Length >= wanted.Length / 3;
    }

    /// <summary>A title may need several lines, and its number may stand on the line before ("Chapter 3").</summary>
    private static void MarkHeadingLines(List<TextLine> lines, int at, string wanted)
    {
        string found = "";
        for (int i = at; i < lines.Count && i < at + 4; i++)
        {
            if (i > at && (Letters(found).Length >= wanted.Length || lines[i].StartsSection is not null || !wanted.Contains(Letters(lines[i].Text), StringComparison.Ordinal))) return;
            found += Letters(lines[i].Text);
            lines[i].Kind = ParagraphKind.Heading;
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Letters and digits only, in lower case, so that spacing and punctuation do not matter.</summary>
    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (char character in text.Normalize(NormalizationForm.FormKC))
        {
            if (char.IsLetterOrDigit(character)) letters.Append(char.ToLowerInvariant(character));
        }
        return letters.ToString();
    }
}
