using System.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Sorts the runs of one column into lines and reads each line's text. Distances are in font sizes (em).</summary>
internal static class LineBuilder
{
    /// <summary>Two runs are on one line when they share this part of the lower one's height.</summary>
    private const float SharedHeight = 0.5f;

    /// <summary>Height of a capital letter.</summary>
    private const float CapHeight = 0.7f;

    /// <summary>Smallest gap read as a space; TeX shrinks spaces to 0.2 em, kerning stays under 0.1 em.</summary>
    private const float WordGap = 0.13f;

    /// <summary>A gap this wide, and wide for its line, starts a new cell.</summary>
    private const float CellGap = 1.2f;

    /// <summary>Cells are told from words by gaps this many times the line's usual one.</summary>
    private const float CellGapRatio = 2.5f;

    /// <summary>Lines and runs compared with a new run; bounds the work on a hostile page.</summary>
    private const int OpenLines = 4;
    private const int NearestRuns = 12;

    public static List<TextLine> Build(List<TextRun> runs, int page, FontTable fonts) =>
        Rows(runs).ConvertAll(row => Read(row, page, fonts));

    /// <summary>Runs grouped by line, from the page's top, each from the left.</summary>
    public static List<List<TextRun>> Rows(List<TextRun> runs)
    {
        var rows = new List<List<TextRun>>();
        foreach (TextRun run in runs.OrderByDescending(run => run.Baseline).ThenBy(run => run.Left))
        {
            List<TextRun>? home = null;
            for (int i = rows.Count - 1; i >= Math.Max(0, rows.Count - OpenLines) && home is null; i--)
            {
                if (IsOnLine(rows[i], run)) home = rows[i];
            }
            if (home is null) rows.Add([run]);
            else home.Add(run);
        }
        foreach (List<TextRun> row in rows) row.Sort((a, b) => a.Left.CompareTo(b.Left));
        return [.. rows.OrderByDescending(BaselineOf)];
    }

    /// <summary>The text of one line's runs.</summary>
    public static string TextOf(List<TextRun> row, PageRuns page) => Read(row, page.Number, page.Fonts).Text;

    public static float BaselineOf(List<TextRun> row) => row.MaxBy(run => (run.Size, run.Right - run.Left))!.Baseline;

    private static bool IsOnLine(List<TextRun> row, TextRun run)
    {
        bool near = false;
        for (int i = row.Count - 1; i >= Math.Max(0, row.Count - NearestRuns); i--)
        {
            TextRun other = row[i];
            float shared = Math.Min(run.Baseline + CapHeight * run.Size, other.Baseline + CapHeight * other.Size) - Math.Max(run.Baseline, other.Baseline);
            if (shared < SharedHeight * CapHeight * Math.Min(run.Size, other.Size)) continue;
            near = true;
            float overlap = Math.Min(run.Right, other.Right) - Math.Max(run.Left, other.Left);
            if (overlap > 0.5f * Math.Min(run.Size, other.Size) && Math.Abs(run.Baseline - other.Baseline) > 0.2f * Math.Min(run.Size, other.Size)) return false;
        }
        return near;
    }

    private static TextLine Read(List<TextRun> row, int page, FontTable fonts)
    {
        var glyphs = new List<Glyph>();
        foreach (TextRun run in row) glyphs.AddRange(run.Glyphs);
        bool hasRightToLeft = glyphs.Exists(glyph => GlyphText.IsRightToLeft(glyph.Text));
        if (row.Count > 1 || hasRightToLeft) glyphs.Sort((a, b) => a.Left.CompareTo(b.Left));

        float size = UsualSize(glyphs);
        float[] gaps = Gaps(glyphs, size);
        float wordGap = WordGapOf(gaps);
        float cellGap = CellGapOf(gaps, wordGap);
        List<TextLine.Cell> cells = Cells(glyphs, gaps, wordGap, cellGap, !hasRightToLeft, out float firstWordWidth);

        float baseline = BaselineOf(row);
        Glyph first = glyphs[0];
        int monospaced = glyphs.Count(glyph => fonts.IsMonospaced(glyph.Font));
        return new TextLine
        {
            Page = page,
            Cells = cells,
            Text = string.Join(' ', cells.Select(cell => cell.Text)),
            Left = first.Left,
            Right = glyphs.Max(glyph => glyph.Right),
            Baseline = baseline,
            Size = size,
            Bold = glyphs.TrueForAll(glyph => fonts.IsBold(glyph.Font) || !char.IsLetter(glyph.Text[0])) && glyphs.Exists(glyph => char.IsLetter(glyph.Text[0])),
            Monospaced = monospaced >= 0.9 * glyphs.Count,
            StartsWithSuperscript = first.Size < 0.9f * size && first.Baseline > baseline + 0.1f * size,
            FirstWordWidth = firstWordWidth,
        };
    }

    private static float UsualSize(List<Glyph> glyphs)
    {
        float best = 0;
        int bestCount = 0;
        foreach (IGrouping<float, Glyph> group in glyphs.GroupBy(glyph => MathF.Round(glyph.Size, 1)))
        {
            int count = group.Count();
            if (count <= bestCount) continue;
            (best, bestCount) = (group.Key, count);
        }
        return Math.Max(best, 0.1f);
    }

    /// <summary>Gap before each glyph in em of the smaller neighbour; 0 before the first. A printed space counts as at least a word gap.</summary>
    private static float[] Gaps(List<Glyph> glyphs, float size)
    {
        var gaps = new float[glyphs.Count];
        for (int i = 1; i < glyphs.Count; i++)
        {
            float em = Math.Min(size, Math.Max(glyphs[i].Size, glyphs[i - 1].Size));
            gaps[i] = (glyphs[i].Left - glyphs[i - 1].Right) / em;
        }
        return gaps;
    }

    /// <summary>
    /// The gap from which words are apart. Letter-spaced text ("S P A C E D") has gaps between all letters; there the smaller half of the
    /// gaps shows the letter spacing.
    /// </summary>
    private static float WordGapOf(float[] gaps)
    {
        if (gaps.Length < 6) return WordGap;
        float[] sorted = gaps[1..];
        Array.Sort(sorted);
        float letterSpacing = sorted[sorted.Length / 3];
        return letterSpacing > 0.5f * WordGap ? letterSpacing + WordGap : WordGap;
    }

    private static float CellGapOf(float[] gaps, float wordGap)
    {
        float[] words = gaps.Where(gap => gap >= wordGap).Order().ToArray();
        return words.Length < 3 ? CellGap : Math.Max(CellGap, CellGapRatio * words[words.Length / 2]);
    }

    /// <param name="trustSpaces">A printed space stands before its glyph; in text that runs to the left only the gaps tell.</param>
    private static List<TextLine.Cell> Cells(
        List<Glyph> glyphs, float[] gaps, float wordGap, float cellGap, bool trustSpaces, out float firstWordWidth)
    {
        var cells = new List<TextLine.Cell>();
        int firstWordEnd = glyphs.Count;
        int start = 0;
        for (int i = 1; i <= glyphs.Count; i++)
        {
            if (i < glyphs.Count && gaps[i] < cellGap) continue;
            var words = new List<(int Start, int End)>();
            int word = start;
            for (int j = start + 1; j <= i; j++)
            {
                if (j < i && gaps[j] < wordGap && !(trustSpaces && glyphs[j].SpaceBefore)) continue;
                words.Add((word, j));
                word = j;
            }
            if (start == 0) firstWordEnd = words[0].End;
            cells.Add(new TextLine.Cell(LogicalOrder.Read(glyphs, words), glyphs[start].Left, glyphs[i - 1].Right));
            start = i;
        }
        firstWordWidth = glyphs[firstWordEnd - 1].Right - glyphs[0].Left;
        return cells;
    }
}
