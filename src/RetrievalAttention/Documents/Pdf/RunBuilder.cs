using System.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Joins glyphs to runs in the order in which the file prints them. Distances are in font sizes (em).
/// Goals: 1. a superscript stays with its word; 2. columns and table cells never share a run; 3. an accent printed over a letter becomes
/// one letter; 4. text printed twice for a bold look is read once.
/// </summary>
internal static class RunBuilder
{
    /// <summary>Wider gaps end a run: narrow justified columns reach 0.9 em between words, gutters start at 1 em.</summary>
    private const float WidestGap = 1.0f;

    /// <summary>How far a run may step back: kerning and italic overhang.</summary>
    private const float DeepestOverlap = 0.6f;

    /// <summary>Baseline steps of sub- and superscripts.</summary>
    private const float ScriptShift = 0.55f;

    /// <summary>Gap allowed beside a script; further away the other baseline is another line.</summary>
    private const float ScriptGap = 0.35f;

    private const float SameBaseline = 0.12f;

    /// <summary>Text of another size goes on with a run only this close; further away it is a side column's.</summary>
    private const float OtherSizeGap = 0.4f;

    /// <summary>Copies of a run closer than this are the same text, printed again.</summary>
    private const float CopyDistance = 0.25f;

    /// <summary>Earlier runs compared with a new one; bounds the work on a hostile page.</summary>
    private const int NearestRuns = 16;

    public static List<TextRun> Build(IReadOnlyList<Glyph> glyphs)
    {
        var runs = new List<TextRun>();
        TextRun? run = null;
        for (int i = 0; i < glyphs.Count; i++)
        {
            Glyph glyph = glyphs[i];
            if (run is not null && TryMerge(run, glyph)) continue;
            if (run is null || !Continues(run.Last, glyph)) runs.Add(run = new TextRun(runs.Count));
            run.Add(glyph);
        }
        return WithoutCopies(runs);
    }

    private static bool Continues(in Glyph last, in Glyph next)
    {
        float size = Math.Max(last.Size, next.Size);
        float shift = Math.Abs(next.Baseline - last.Baseline) / size;
        if (shift > ScriptShift) return false;
        float gap = GapBetween(last, next) / size;
        if (shift >= SameBaseline) return Math.Abs(gap) < ScriptGap;
        bool sameSize = Math.Abs(last.Size - next.Size) < 0.05f * size;
        return gap > -DeepestOverlap && gap < (sameSize ? WidestGap : OtherSizeGap);
    }

    /// <summary>Space between two glyphs in the direction of their script.</summary>
    private static float GapBetween(in Glyph last, in Glyph next)
    {
        float forwards = next.Left - last.Right;
        float backwards = last.Left - next.Right;
        bool runsLeft = backwards > forwards && (GlyphText.IsRightToLeft(next.Text) || GlyphText.IsRightToLeft(last.Text));
        return runsLeft ? backwards : forwards;
    }

    /// <summary>Accents over letters, and a glyph printed twice in one place.</summary>
    private static bool TryMerge(TextRun run, in Glyph glyph)
    {
        Glyph last = run.Last;
        float lastRight = Math.Max(last.Right, last.Left + 0.1f * last.Size);
        if (glyph.Left >= lastRight || glyph.Right < last.Left) return false;
        float shift = Math.Abs(glyph.Baseline - last.Baseline);
        if (shift < SameBaseline * last.Size && glyph.Text == last.Text && Math.Abs(glyph.Left - last.Left) < 0.3f * (last.Right - last.Left)) return true;

        float overlap = Math.Min(glyph.Right, lastRight) - Math.Max(glyph.Left, last.Left);
        if (shift > ScriptShift * last.Size || overlap < 0.5f * Math.Min(glyph.Right - glyph.Left, last.Right - last.Left)) return false;
        string? combined = Combine(last.Text, glyph.Text) ?? Combine(glyph.Text, last.Text);
        if (combined is null) return false;
        run.ReplaceLast(last with
        {
            Text = combined,
            Left = Math.Min(last.Left, glyph.Left),
            Right = Math.Max(last.Right, glyph.Right),
        });
        return true;
    }

    /// <summary>The letter with the accent, or the negated sign; null when these two do not combine.</summary>
    private static string? Combine(string accent, string letter)
    {
        char mark = GlyphText.CombiningMarkOf(accent);
        if (mark == '\0' || letter.Length != 1) return null;
        char baseLetter = letter[0] == '\u0131' ? 'i' : letter[0];
        string combined = $"{baseLetter}{mark}".Normalize(NormalizationForm.FormC);
        return char.IsLetter(baseLetter) || combined.Length == 1 ? combined : null;
    }

    private static List<TextRun> WithoutCopies(List<TextRun> runs)
    {
        var seen = new Dictionary<(string First, int Count, int Row), List<TextRun>>();
        return runs.FindAll(run =>
        {
            (string, int, int) key = (run.Glyphs[0].Text, run.Glyphs.Count, (int)MathF.Round(run.Baseline));
            if (!seen.TryGetValue(key, out List<TextRun>? alike)) seen.Add(key, alike = []);
            if (alike.FindLastIndex(alike.Count - 1, Math.Min(alike.Count, NearestRuns), earlier => IsCopy(earlier, run)) >= 0) return false;
            alike.Add(run);
            return true;
        });
    }

    private static bool IsCopy(TextRun earlier, TextRun run)
    {
        if (Math.Abs(earlier.Left - run.Left) > CopyDistance * run.Size || Math.Abs(earlier.Baseline - run.Baseline) > CopyDistance * run.Size) return false;
        for (int i = 0; i < run.Glyphs.Count; i++)
        {
            if (earlier.Glyphs[i].Text != run.Glyphs[i].Text) return false;
        }
        return true;
    }
}
