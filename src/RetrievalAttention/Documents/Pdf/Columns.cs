namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Finds the columns of a page by its white space and puts their runs into reading order. On a page without a gutter it costs one pass over
/// the runs.
/// Goals: 1. two or more columns are read one after the other, also under a full-width title and around a full-width figure; 2. the columns
/// of a table are not, for its rows must stay rows. Text columns are printed one after the other by the program that made the file, table
/// cells row by row; where the order of printing is no help, lines of running text are long and cells are short.
/// </summary>
internal static class Columns
{
    /// <summary>Narrowest gutter, in font sizes.</summary>
    private const float NarrowestGutter = 0.75f;

    /// <summary>A gutter may be crossed by this share of the lines beside it (titles, figures).</summary>
    private const float CrossedShare = 0.4f;

    /// <summary>Fewer lines than this beside each other are never columns.</summary>
    private const int FewestLines = 3;

    /// <summary>Switches between the sides while printing, as a share of the lines of the shorter side.</summary>
    private const float SwitchShare = 0.2f;

    /// <summary>Mean characters in a line of running text.</summary>
    private const int RunningText = 24;

    private const int DeepestNesting = 6;
    private const int GuttersTried = 4;

    /// <summary>The runs of a page as regions in reading order; each region is read line by line.</summary>
    public static List<List<TextRun>> InReadingOrder(List<TextRun> runs)
    {
        var regions = new List<List<TextRun>>();
        Split(runs, 0, regions);
        return regions;
    }

    private static void Split(List<TextRun> runs, int depth, List<List<TextRun>> regions)
    {
        if (runs.Count == 0) return;
        if (depth < DeepestNesting && runs.Count >= 2 * FewestLines)
        {
            foreach (Gutter gutter in Gutters(runs))
            {
                List<Band> bands = BandsBeside(gutter, runs);
                if (!bands.Exists(band => band.IsColumns)) continue;
                foreach (Band band in bands)
                {
                    if (band.IsColumns)
                    {
                        Split(band.Left, depth + 1, regions);
                        Split(band.Right, depth + 1, regions);
                    }
                    else
                    {
                        Split([.. band.Left, .. band.Right], depth + 1, regions);
                    }
                }
                return;
            }
        }
        regions.Add(runs);
    }

    private readonly record struct Gutter(float Left, float Right, int Crossings);

    /// <summary>Vertical strips that few runs cross, the least crossed and then the widest first.</summary>
    private static IEnumerable<Gutter> Gutters(List<TextRun> runs)
    {
        float left = runs.Min(run => run.Left);
        float right = runs.Max(run => run.Right);
        float size = MedianSize(runs);
        int width = (int)Math.Clamp(right - left, 1, 20_000) + 1;

        // Lines that cover each point of the width, from differences at their ends.
        var covered = new int[width + 1];
        foreach (TextRun run in runs)
        {
            covered[(int)Math.Clamp(MathF.Ceiling(run.Left - left), 0, width)]++;
            covered[(int)Math.Clamp(MathF.Floor(run.Right - left), 0, width)]--;
        }
        for (int x = 1; x <= width; x++) covered[x] += covered[x - 1];

        int[] sorted = covered[..width];
        Array.Sort(sorted);
        int usual = sorted[width / 2];
        int allowed = (int)(CrossedShare * usual);

        var gutters = new List<Gutter>();
        for (int x = 0; x < width; x++)
        {
            if (covered[x] > allowed) continue;
            // The least crossed stretch inside the valley is the gutter: ragged line ends make its left side slope.
            int end = x;
            int fewest = int.MaxValue;
            while (end < width && covered[end] <= allowed) fewest = Math.Min(fewest, covered[end++]);
            int start = x;
            while (covered[start] > fewest) start++;
            int stop = end - 1;
            while (covered[stop] > fewest) stop--;
            bool inside = start > 0 && stop < width - 1;
            bool wide = stop + 1 - start >= NarrowestGutter * size || (x > 0 && end < width && end - x >= NarrowestGutter * size);
            if (inside && wide) gutters.Add(new Gutter(left + start, left + stop + 1, fewest));
            x = end;
        }
        return gutters.OrderBy(gutter => gutter.Crossings).ThenByDescending(gutter => gutter.Right - gutter.Left).Take(GuttersTried);
    }

    private static float MedianSize(List<TextRun> runs)
    {
        float[] sizes = runs.Select(run => run.Size).Order().ToArray();
        return sizes[sizes.Length / 2];
    }

    /// <summary>A horizontal stretch of the page: runs left and right of a gutter, or runs that cross it (all in <c>Left</c>).</summary>
    private sealed record Band(List<TextRun> Left, List<TextRun> Right, bool IsColumns);

    private static List<Band> BandsBeside(Gutter gutter, List<TextRun> runs)
    {
        float middle = (gutter.Left + gutter.Right) / 2;
        var bands = new List<Band>();
        List<TextRun> left = [], right = [], crossing = [];
        // A run that crosses the gutter ends the band above it; what stands on its own line goes with it.
        foreach (List<TextRun> row in LineBuilder.Rows(runs))
        {
            if (row.Exists(run => run.Left < middle && run.Right > middle))
            {
                Flush();
                crossing.AddRange(row);
            }
            else
            {
                if (crossing.Count > 0) bands.Add(new Band(crossing, [], false));
                crossing = [];
                foreach (TextRun run in row) (run.Middle < middle ? left : right).Add(run);
            }
        }
        Flush();
        if (crossing.Count > 0) bands.Add(new Band(crossing, [], false));
        return JoinRowBands(bands);

        void Flush()
        {
            if (left.Count + right.Count > 0) bands.Add(new Band(left, right, AreColumns(left, right)));
            (left, right) = ([], []);
        }
    }

    /// <summary>Neighbouring bands that are read row by row become one, so that a table or a form is not torn.</summary>
    private static List<Band> JoinRowBands(List<Band> bands)
    {
        var joined = new List<Band>();
        foreach (Band band in bands)
        {
            if (joined.Count > 0 && !band.IsColumns && !joined[^1].IsColumns)
            {
                joined[^1] = new Band([.. joined[^1].Left, .. joined[^1].Right, .. band.Left, .. band.Right], [], false);
            }
            else
            {
                joined.Add(band);
            }
        }
        return joined;
    }

    private static bool AreColumns(List<TextRun> left, List<TextRun> right)
    {
        List<List<TextRun>> leftLines = LineBuilder.Rows(left), rightLines = LineBuilder.Rows(right);
        int fewer = Math.Min(leftLines.Count, rightLines.Count);
        if (fewer < FewestLines - 1) return false;
        bool runningText = CharactersInLine(leftLines) >= RunningText && CharactersInLine(rightLines) >= RunningText;

        int switches = 0;
        bool? wasLeft = null;
        var sides = left.Select(run => (run.Order, IsLeft: true)).Concat(right.Select(run => (run.Order, IsLeft: false)));
        foreach ((_, bool isLeft) in sides.OrderBy(side => side.Order))
        {
            if (wasLeft is not null && wasLeft != isLeft) switches++;
            wasLeft = isLeft;
        }
        // Two lines beside many, such as the end of a side column, must be running text and printed apart.
        if (fewer < FewestLines) return runningText && switches <= 1 && Math.Max(leftLines.Count, rightLines.Count) >= FewestLines;
        return switches <= 1 + SwitchShare * fewer || (fewer > FewestLines && runningText);
    }

    private static double CharactersInLine(List<List<TextRun>> lines) => lines.Average(line => line.Sum(run => run.Glyphs.Count));
}
