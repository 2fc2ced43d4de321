using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Finds tables among the lines of a region by the white gutters that their rows share, and splits the rows into cells. Distances are in
/// font sizes.
/// Goals: 1. every row is one line; 2. a cell of several lines stays one cell of its row; 3. lists, formulas and justified text are no tables.
/// </summary>
internal static partial class Tables
{
    /// <summary>A gap this wide, and wide for its line, may part two cells.</summary>
    private const float CellGap = 1.0f;

    /// <summary>Cells are told from words by gaps this many times the line's usual one.</summary>
    private const float CellGapRatio = 2f;

    /// <summary>Usual gaps this wide come from justification, which makes some of them wider still.</summary>
    private const float StretchedGap = 0.4f;
    private const float StretchedRatio = 3.5f;

    /// <summary>What is left of a gutter after all rows must be this wide.</summary>
    private const float NarrowestGutter = 0.45f;

    /// <summary>Rows further apart belong to two tables.</summary>
    private const float FarthestRows = 2.6f;

    /// <summary>A line belongs to the row below when that is nearer than this share of the distance above.</summary>
    private const float NearerRow = 0.92f;

    private const int FewestRows = 2;

    /// <summary>More lines in a row on average are paragraphs beside each other.</summary>
    private const int MostLinesInRow = 4;

    /// <summary>Marks the rows of tables and joins rows that continue a cell; joined lines leave the region.</summary>
    public static void Mark(List<TextLine> region)
    {
        for (int i = 0; i < region.Count; i++)
        {
            if (region[i].Kind != ParagraphKind.Body || WideGaps(region[i]).Count == 0) continue;
            (int end, List<Gutter> gutters) = Grow(region, i);
            if (end - i < FewestRows) continue;
            List<TextLine> rows = Rows(region.GetRange(i, end - i), gutters);
            if (end - i > MostLinesInRow * rows.Count) continue;
            if (rows.Count(row => row.Cells!.Count > 1) < FewestRows || rows.TrueForAll(row => ListMark().IsMatch(row.Cells![0]))) continue;
            foreach (TextLine row in rows) row.Kind = ParagraphKind.Table;
            region.RemoveRange(i, end - i);
            region.InsertRange(i, rows);
            i += rows.Count - 1;
        }
    }

    private readonly record struct Gutter(float Left, float Right);

    [GeneratedRegex(@"^(?:[•◦▪‣∙·–—−*†‡]|\W?\w{1,4}[.)\]:]|\d{1,3}|)$")]
    private static partial Regex ListMark();

    private static List<Gutter> WideGaps(TextLine line)
    {
        float[] gaps = [.. line.Words.Zip(line.Words.Skip(1), (word, next) => next.Left - word.Right)];
        if (gaps.Length == 0) return [];
        float usual = gaps.Order().ElementAt(gaps.Length / 3);
        float ratio = usual > StretchedGap * line.Size ? StretchedRatio : CellGapRatio;
        float wide = Math.Max(CellGap * line.Size, gaps.Length > 2 ? ratio * usual : 0);
        var gutters = new List<Gutter>();
        for (int i = 0; i < gaps.Length; i++)
        {
            if (gaps[i] >= wide) gutters.Add(new Gutter(line.Words[i].Right, line.Words[i + 1].Left));
        }
        return gutters;
    }

    /// <summary>The rows below that leave at least one gutter of the first row open, and the gutters that all of them leave open.</summary>
    private static (int End, List<Gutter> Gutters) Grow(List<TextLine> region, int first)
    {
        List<Gutter> gutters = WideGaps(region[first]);
        int end = first + 1;
        int lastFull = first;
        List<Gutter> lastGutters = gutters;
        while (end < region.Count)
        {
            TextLine line = region[end];
            float distance = region[end - 1].Baseline - line.Baseline;
            if (line.Kind is not (ParagraphKind.Body or ParagraphKind.Code) || distance <= 0 || distance > FarthestRows * line.Size) break;
            List<Gutter> left = LeftOpen(gutters, line);
            if (left.Count == 0) break;
            gutters = left;
            // Lines that fill only the first column end a table unless full rows follow.
            if (line.Right > gutters[0].Right)
            {
                lastFull = end;
                lastGutters = gutters;
            }
            end++;
        }
        return (lastFull + 1, lastGutters);
    }

    private static List<Gutter> LeftOpen(List<Gutter> gutters, TextLine line)
    {
        var open = new List<Gutter>();
        foreach (Gutter gutter in gutters)
        {
            float left = gutter.Left, right = gutter.Right;
            foreach (TextLine.Word word in line.Words)
            {
                if (word.Right <= left || word.Left >= right) continue;
                // The word covers the gutter's left end, its right end, or its middle.
                if (word.Left <= left) left = word.Right;
                else if (word.Right >= right) right = word.Left;
                else if (word.Left - left > right - word.Right) right = word.Left;
                else left = word.Right;
            }
            if (right - left >= NarrowestGutter * line.Size) open.Add(new Gutter(left, right));
        }
        return open;
    }

    /// <summary>
    /// One line for each row. A line whose first cell is empty goes on with the row above it, or begins the row below it where that is
    /// nearer, for cells may be centred on their row.
    /// </summary>
    private static List<TextLine> Rows(List<TextLine> lines, List<Gutter> gutters)
    {
        List<string[]> split = lines.ConvertAll(line => Split(line, gutters));
        var rows = new List<TextLine>();
        string[]? cells = null, ahead = null;
        for (int i = 0; i < lines.Count; i++)
        {
            if (split[i][0].Length > 0 || rows.Count == 0)
            {
                cells = ahead is null ? split[i] : Joined(ahead, split[i]);
                ahead = null;
                rows.Add(lines[i]);
            }
            else if (BelongsBelow(lines, split, i))
            {
                ahead = split[i];
                continue;
            }
            else
            {
                cells = Joined(cells!, split[i]);
            }
            rows[^1].Cells = [.. cells.Where(cell => cell.Length > 0)];
        }
        return rows;
    }

    private static bool BelongsBelow(List<TextLine> lines, List<string[]> split, int i) =>
        i + 1 < lines.Count && split[i + 1][0].Length > 0
        && lines[i].Baseline - lines[i + 1].Baseline < NearerRow * (lines[i - 1].Baseline - lines[i].Baseline);

    private static string[] Joined(string[] cells, string[] more) => [.. cells.Zip(more, Joined)];

    private static string Joined(string cell, string more)
    {
        bool divided = Hyphenation.EndsWithHyphen(cell) && more.Length > 0 && char.IsLower(more[0]);
        return divided ? cell[..^1] + more : $"{cell} {more}".Trim();
    }

    private static string[] Split(TextLine line, List<Gutter> gutters)
    {
        var cells = new string[gutters.Count + 1];
        Array.Fill(cells, "");
        foreach (TextLine.Word word in line.Words)
        {
            int cell = gutters.FindLastIndex(gutter => word.Left >= gutter.Right - 0.01f) + 1;
            cells[cell] = cells[cell].Length == 0 ? word.Text : $"{cells[cell]} {word.Text}";
        }
        return cells;
    }
}
