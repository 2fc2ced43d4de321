using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>Tells a table set in plain text from prose: most lines fall into the same number of cells.</summary>
internal static partial class TableRows
{
    private const double SharedShare = 0.6;

    public static bool AreIn(string text, List<TextLine> lines, int from, int to)
    {
        if (to - from < 2) return false;
        Dictionary<int, int> linesOfCells = [];
        for (int i = from; i < to; i++)
        {
            int cells = lines[i].Length > HeadingFinder.UnwrappedLength * 2 ? 1 : Gap().Count(lines[i].In(text)) + 1;
            linesOfCells[cells] = linesOfCells.GetValueOrDefault(cells) + 1;
        }
        (int mode, int count) = linesOfCells.MaxBy(pair => pair.Value);
        return mode >= 2 && count >= SharedShare * (to - from) && count >= 2;
    }

    /// <summary>A tab, a bar, a row of dots, or blanks that do not follow the end of a sentence.</summary>
    [GeneratedRegex(@"\t+|\s*\|\s*|(?<![.?!:;""'”’)\]\s]) {2,}(?=\S)|\s*\.{4,}\s*|(\s\.){3,}\s*")]
    private static partial Regex Gap();
}
