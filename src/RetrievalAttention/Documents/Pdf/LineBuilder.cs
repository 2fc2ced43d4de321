namespace RetrievalAttention.Documents.Pdf;

/// <summary>Sorts the runs of one column into lines and reads each line's words. Distances are in font sizes (em).</summary>
internal static class LineBuilder
{
    /// <summary>Two runs are on one line when they share this part of the lower one's height.</summary>
    private const float SharedHeight = 0.5f;

    /// <summary>Height of a capital letter.</summary>
    private const float CapHeight = 0.7f;

    /// <summary>Runs above one another by this much are on two lines, even where a third, larger run touches both.</summary>
    private const float LongOverlap = 3f;

    /// <summary>Runs at one height may overlap this much, by kerning.</summary>
    private const float ShortOverlap = 0.5f;

    /// <summary>Smallest gap read as a space; TeX shrinks spaces to 0.2 em, kerning stays under 0.1 em.</summary>
    private const float WordGap = 0.13f;

    /// <summary>Single letters further apart than this are words ("a b c").</summary>
    private const float WidestLetterSpacing = 0.4f;

    /// <summary>Fewer glyphs than this cannot tell letter spacing from words.</summary>
    private const int GlyphsForLetterSpacing = 6;

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

    public static float BaselineOf(List<TextRun> row)
    {
        TextRun main = row[0];
        foreach (TextRun run in row)
        {
            if (run.Size > main.Size || (run.Size == main.Size && run.Right - run.Left > main.Right - main.Left)) main = run;
        }
        return main.Baseline;
    }

    private static bool IsOnLine(List<TextRun> row, TextRun run)
    {
        bool near = false;
        for (int i = row.Count - 1; i >= Math.Max(0, row.Count - NearestRuns); i--)
        {
            TextRun other = row[i];
            float smaller = Math.Min(run.Size, other.Size);
            float overlap = Math.Min(run.Right, other.Right) - Math.Max(run.Left, other.Left);
            if (overlap > LongOverlap * smaller) return false;
            float top = Math.Min(run.Baseline + CapHeight * run.Size, other.Baseline + CapHeight * other.Size);
            if (top - Math.Max(run.Baseline, other.Baseline) < SharedHeight * CapHeight * smaller) continue;
            if (overlap > ShortOverlap * smaller) return false;
            near = true;
        }
        return near;
    }

    private static TextLine Read(List<TextRun> row, int page, FontTable fonts)
    {
        var glyphs = new List<Glyph>();
        foreach (TextRun run in row) glyphs.AddRange(run.Glyphs);
        bool runsLeft = glyphs.Exists(glyph => GlyphText.IsRightToLeft(glyph.Text));
        if (row.Count > 1 || runsLeft) glyphs.Sort((a, b) => a.Left.CompareTo(b.Left));

        float size = UsualSize(glyphs);
        float baseline = BaselineOf(row);
        bool startsWithSuperscript = IsSuperscript(glyphs[0], size, baseline);
        List<(int Start, int End)> words = Words(glyphs, size, !runsLeft, startsWithSuperscript ? baseline + 0.1f * size : float.MaxValue);
        int letters = 0, bold = 0, monospaced = 0;
        foreach (Glyph glyph in glyphs)
        {
            if (fonts.IsMonospaced(glyph.Font)) monospaced++;
            if (!char.IsLetter(glyph.Text[0])) continue;
            letters++;
            if (fonts.IsBold(glyph.Font)) bold++;
        }
        return new TextLine
        {
            Page = page,
            Text = LogicalOrder.Read(glyphs, words),
            Words = words.ConvertAll(word => new TextLine.Word(LogicalOrder.Read(glyphs, [word]), glyphs[word.Start].Left, glyphs[word.End - 1].Right)),
            Baseline = baseline,
            Size = size,
            Bold = letters > 0 && bold == letters,
            Monospaced = monospaced >= 0.9 * glyphs.Count,
            StartsWithSuperscript = startsWithSuperscript,
        };
    }

    private static bool IsSuperscript(in Glyph glyph, float size, float baseline) => glyph.Size < 0.9f * size && glyph.Baseline > baseline + 0.1f * size;

    /// <summary>The size that most glyphs have.</summary>
    private static float UsualSize(List<Glyph> glyphs)
    {
        // Majority vote, then a count where the line mixes sizes.
        float candidate = 0;
        int votes = 0;
        foreach (Glyph glyph in glyphs)
        {
            if (votes == 0) candidate = glyph.Size;
            votes += Math.Abs(glyph.Size - candidate) < 0.1f ? 1 : -1;
        }
        if (2 * glyphs.Count(glyph => Math.Abs(glyph.Size - candidate) < 0.1f) > glyphs.Count) return candidate;
        return glyphs.GroupBy(glyph => MathF.Round(glyph.Size, 1)).MaxBy(group => group.Count())!.Key;
    }

    /// <param name="trustSpaces">A printed space stands before its glyph; in text that runs to the left only the gaps tell.</param>
    /// <param name="raised">The height above which leading glyphs are a footnote's mark, which is a word of its own.</param>
    private static List<(int Start, int End)> Words(List<Glyph> glyphs, float size, bool trustSpaces, float raised)
    {
        float[] gaps = Gaps(glyphs, size);
        float wordGap = WordGapOf(glyphs, gaps);
        var words = new List<(int Start, int End)>();
        int start = 0;
        bool inMark = raised < float.MaxValue;
        for (int i = 1; i < glyphs.Count; i++)
        {
            bool endsMark = inMark && glyphs[i].Baseline < raised;
            if (endsMark) inMark = false;
            if (gaps[i] < wordGap && !(trustSpaces && glyphs[i].SpaceBefore) && !endsMark) continue;
            words.Add((start, i));
            start = i;
        }
        words.Add((start, glyphs.Count));
        return words;
    }

    /// <summary>Gap before each glyph in em of the larger neighbour, which is at most the line's; 0 before the first.</summary>
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
    /// The gap from which words are apart. Letter-spaced text ("S P A C E D") has gaps between all letters; there the smallest third of the
    /// gaps shows the letter spacing.
    /// </summary>
    private static float WordGapOf(List<Glyph> glyphs, float[] gaps)
    {
        var between = new List<float>(gaps.Length);
        for (int i = 1; i < gaps.Length; i++)
        {
            if (char.IsLetter(glyphs[i].Text[0]) && char.IsLetter(glyphs[i - 1].Text[^1])) between.Add(gaps[i]);
        }
        if (between.Count < GlyphsForLetterSpacing) return WordGap;
        between.Sort();
        float letterSpacing = between[between.Count / 3];
        return letterSpacing is > 0.5f * WordGap and < WidestLetterSpacing ? letterSpacing + WordGap : WordGap;
    }
}
