using System.Text;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Takes running heads, running feet and page numbers out of the pages.
/// Goals: 1. a line at a page's edge that comes again on other pages at the same height goes, also where it holds the page's number; 2. so does
/// a head that changes with the chapter, where most pages have a repeated line at that height; 3. the first and last lines of the text itself
/// stay, also where several pages begin with "Example 12".
/// </summary>
internal static partial class RunningHeads
{
    /// <summary>Lines looked at from each edge.</summary>
    private const int LinesFromEdge = 3;

    /// <summary>Part of the page's height, from either edge, where running heads may stand.</summary>
    private const float EdgeZone = 0.18f;

    /// <summary>Points; the same head may move by rounding.</summary>
    private const float SameHeight = 3;

    private const int FewestPages = 3;

    /// <summary>Share of the lines in a slot that must be heads before the whole slot counts as heads; also the share of orderly page numbers.</summary>
    private const double RepeatedShare = 0.5;

    private const int LongestHead = 160;

    /// <returns>What was taken out, one list per page, for those who count what was read.</returns>
    public static List<List<string>> Remove(IReadOnlyList<PageRuns> pages)
    {
        List<Row>[] tops = [.. pages.Select(page => RowsAtEdge(page, true))];
        List<Row>[] bottoms = [.. pages.Select(page => RowsAtEdge(page, false))];
        MarkHeads(tops);
        MarkHeads(bottoms);

        var removed = new List<List<string>>();
        for (int i = 0; i < pages.Count; i++)
        {
            Row[] heads = [.. Heads(tops[i]), .. Heads(bottoms[i])];
            HashSet<TextRun> runs = [.. heads.SelectMany(row => row.Runs)];
            pages[i].ByTurn[0].RemoveAll(runs.Contains);
            removed.Add([.. heads.Select(row => row.Text).Distinct()]);
        }
        return removed;
    }

    /// <summary>A repeated line is a head anywhere near the edge, a line that only stands where heads stand must be the outermost.</summary>
    private static IEnumerable<Row> Heads(List<Row> rows) =>
        rows.Where((row, i) => row.IsRepeated || row.IsInSlot && rows.Take(i).All(outer => outer.IsRepeated || outer.IsInSlot));

    private sealed record Row(int Page, List<TextRun> Runs, string Text, string Key, float Baseline, float Size)
    {
        /// <summary>Comes again at the same height on other pages.</summary>
        public bool IsRepeated { get; set; }

        /// <summary>Stands at a height where most pages have a repeated line.</summary>
        public bool IsInSlot { get; set; }

        /// <summary>Its numbers, -1 for a Roman one.</summary>
        public int[] Numbers { get; } = [.. Number().Matches(Text.ToLowerInvariant()).Select(match => int.TryParse(match.Value, out int value) ? value : -1)];
    }

    private static List<Row> RowsAtEdge(PageRuns page, bool top)
    {
        List<TextRun> zone = page.ByTurn[0].FindAll(
            run => top ? run.Baseline > page.Height * (1 - EdgeZone) : run.Baseline < page.Height * EdgeZone);
        if (zone.Count == 0) return [];
        List<List<TextRun>> rows = LineBuilder.Rows(zone);
        if (!top) rows.Reverse();
        return [.. rows.Take(LinesFromEdge).Select(row => ToRow(row, page))];
    }

    private static Row ToRow(List<TextRun> runs, PageRuns page)
    {
        string text = LineBuilder.TextOf(runs, page);
        return new Row(page.Number, runs, text, KeyOf(text), LineBuilder.BaselineOf(runs), runs.Max(run => run.Size));
    }

    /// <summary>The text without case, with every number, Arabic or Roman, as "#".</summary>
    private static string KeyOf(string text) =>
        Number().Replace(text.Normalize(NormalizationForm.FormKC).ToLowerInvariant(), "#").Trim();

    [GeneratedRegex(@"\d+|(?<![\w])[ivxlc]+(?![\w])")]
    private static partial Regex Number();

    private static void MarkHeads(List<Row>[] edge)
    {
        if (edge.Length < FewestPages) return;
        Row[] rows = [.. edge.SelectMany(rows => rows)];
        foreach (IGrouping<string, Row> alike in rows.Where(row => row.Text.Length <= LongestHead).GroupBy(row => row.Key))
        {
            foreach (List<Row> slot in BySlot(alike))
            {
                if (slot.Select(row => row.Page).Distinct().Count() < FewestPages || !CountsPages(slot)) continue;
                foreach (Row row in slot) row.IsRepeated = true;
            }
        }
        foreach (List<Row> slot in BySlot(rows))
        {
            int repeated = slot.Count(row => row.IsRepeated);
            if (repeated < FewestPages || repeated < RepeatedShare * slot.Count) continue;
            float size = Median(slot.Where(row => row.IsRepeated).Select(row => row.Size));
            foreach (Row row in slot)
            {
                if (row.Text.Length <= LongestHead && Math.Abs(row.Size - size) < 0.5f) row.IsInSlot = true;
            }
        }
    }

    /// <summary>Rows at (nearly) the same height.</summary>
    private static IEnumerable<List<Row>> BySlot(IEnumerable<Row> rows)
    {
        var slot = new List<Row>();
        foreach (Row row in rows.OrderBy(row => row.Baseline))
        {
            if (slot.Count > 0 && row.Baseline - slot[0].Baseline > SameHeight)
            {
                yield return slot;
                slot = [];
            }
            slot.Add(row);
        }
        if (slot.Count > 0) yield return slot;
    }

    /// <summary>
    /// Every number in a running head stays the same from page to page (a chapter's) or grows with the page (a page's), mostly; numbers of
    /// figures, examples and table rows do neither.
    /// </summary>
    private static bool CountsPages(List<Row> slot)
    {
        Row[] rows = [.. slot.OrderBy(row => row.Page)];
        int numbers = rows.Min(row => row.Numbers.Length);
        for (int i = 0; i < numbers; i++)
        {
            int same = 0, growing = 0;
            for (int j = 1; j < rows.Length; j++)
            {
                int step = rows[j].Numbers[i] - rows[j - 1].Numbers[i];
                if (step == 0) same++;
                if (step == rows[j].Page - rows[j - 1].Page) growing++;
            }
            if (Math.Max(same, growing) < RepeatedShare * (rows.Length - 1)) return false;
        }
        return true;
    }

    private static float Median(IEnumerable<float> values)
    {
        float[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
