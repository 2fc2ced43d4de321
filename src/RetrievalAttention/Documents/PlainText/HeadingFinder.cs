namespace RetrievalAttention.Documents.PlainText;

/// <summary>
/// Finds chapter headings in plain text. Goals: 1. every numbered chapter of an ordinary book; 2. nothing that is only a capitalised
/// line, a list or a table of contents; 3. nesting as the book means it (part › chapter); 4. rules that hold for any book, never for one.
/// </summary>
internal sealed class HeadingFinder
{
    /// <summary>Below this share of blank lines a text sets nothing apart by them.</summary>
    private const double FewBlanks = 0.03;

    /// <summary>A line longer than this is a whole paragraph, not one line of it.</summary>
    internal const int UnwrappedLength = 120;

    private readonly string _text;
    private readonly List<TextLine> _lines;
    private readonly int[] _blanksBefore;
    private readonly bool _hasBlanks;

    private HeadingFinder(string text, List<TextLine> lines)
    {
        (_text, _lines) = (text, lines);
        _blanksBefore = new int[lines.Count + 1];
        for (int i = 1; i <= lines.Count; i++) _blanksBefore[i] = lines[i - 1].IsBlank ? _blanksBefore[i - 1] + 1 : 0;
        _hasBlanks = lines.Count(line => line.IsBlank) >= FewBlanks * lines.Count;
    }

    /// <summary>Headings in order, ranked.</summary>
    public static List<Heading> Find(string text, List<TextLine> lines)
    {
        HeadingFinder finder = new(text, lines);
        List<Heading> candidates = finder.Candidates();
        candidates = finder.WithoutContents(candidates);
        candidates = finder.WithoutLooseNumbers(candidates);
        candidates = finder.WithoutRepetitions(candidates);
        candidates = WithoutRunningHeads(candidates);
        return candidates.Count > 0 ? HeadingRanks.Assign(candidates) : finder.ShortLines();
    }

    private List<Heading> Candidates()
    {
        List<Heading> found = [];
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].IsBlank || _lines[i].Length > UnwrappedLength || !StandsApart(i, found)) continue;
            Heading? heading = HeadingLine.Parse(_lines[i].In(_text), i);
            if (heading is { } parsed)
            {
                heading = _hasBlanks ? WithTitleBelow(parsed)
                    : parsed.Style == HeadingStyle.Word && HeadingLine.IsTitle(_lines[i].In(_text)) ? parsed : null;
            }
            else if (_hasBlanks && i > 0 && BlanksBefore(i) >= 2 && IsCapitals(i))
            {
                heading = WithMoreCapitals(i);
            }
            if (heading is not { } accepted) continue;
            found.Add(accepted);
            i = accepted.LastLine;
        }
        return found;
    }

    /// <summary>Whether a blank line, the text's start or another heading stands before the line; everywhere in texts without blank lines.</summary>
    private bool StandsApart(int line, List<Heading> before) =>
        !_hasBlanks || line == 0 || BlanksBefore(line) > 0 || (before.Count > 0 && before[^1].LastLine == line - 1);

    /// <summary>Adds the title on the lines below: directly, or after a blank line when it stands alone. Null if a paragraph follows directly.</summary>
    private Heading? WithTitleBelow(Heading heading)
    {
        int line = heading.FirstLine;
        bool complete = heading.Style == HeadingStyle.NumberAndTitle || heading.Style == HeadingStyle.Matter || HasTitle(heading);
        if (!IsBlank(line + 1)) return WithLinesBelow(heading);
        if (complete) return heading;
        int next = NextVisible(line);
        if (next < 0 || next - line - 1 > 2 || !IsBlank(next + 1) || HeadingLine.IsPartOfBook(_lines[next].In(_text), next)) return heading;
        return HeadingLine.IsTitle(_lines[next].In(_text)) ? Extended(heading, next) : heading;
    }

    private Heading? WithLinesBelow(Heading heading)
    {
        int last = heading.FirstLine;
        while (!IsBlank(last + 1))
        {
            last++;
            bool another = HeadingLine.Parse(_lines[last].In(_text), last) is not null;
            if (another) return heading;
            bool continues = HeadingLine.IsTitle(_lines[last].In(_text)) || (heading.Style == HeadingStyle.Word && HasTitle(heading));
            if (last - heading.FirstLine > 3 || !continues) return null;
        }
        return Extended(heading, last);
    }

    private Heading WithMoreCapitals(int line)
    {
        int last = line;
        while (!IsBlank(last + 1)) last++;
        return Extended(new Heading(line, line, HeadingStyle.Capitals, "", null, HeadingLine.Plain(_lines[line].In(_text))), last);
    }

    /// <summary>Whether the block of lines that begins here is at most three lines of capitals.</summary>
    private bool IsCapitals(int line)
    {
        if (GoesOnFrom(line)) return false;
        int last = line;
        while (HeadingLine.IsCapitals(_lines[last].In(_text)))
        {
            if (IsBlank(last + 1)) return last - line < 3;
            last++;
        }
        return false;
    }

    /// <summary>Whether the line goes on with a sentence in capitals that a page's end cut in two.</summary>
    private bool GoesOnFrom(int line)
    {
        int before = PreviousVisible(line);
        return before >= 0 && _lines[before].Length > 60 && (char.IsLetter(LastSign(before)) || LastSign(before) == ',');
    }

    private Heading Extended(Heading heading, int last)
    {
        string title = heading.Title;
        for (int i = heading.FirstLine + 1; i <= last; i++)
        {
            if (_lines[i].IsBlank) continue;
            bool afterNumber = i == NextVisible(heading.FirstLine) && heading.Style is HeadingStyle.Word or HeadingStyle.Number && !HasTitle(heading);
            string separator = !afterNumber ? " " : title[^1] is '.' or ':' ? " " : ". ";
            title += separator + HeadingLine.Plain(_lines[i].In(_text));
        }
        return heading with { LastLine = last, Title = title };
    }

    /// <summary>
    /// Drops tables of contents and lists: runs of three or more headings of one kind with nothing between them, and what stands after
    /// "CONTENTS" up to where its first entry comes again.
    /// </summary>
    private List<Heading> WithoutContents(List<Heading> headings)
    {
        List<Heading> kept = [];
        int contentsAt = headings.FindIndex(heading => heading.Style == HeadingStyle.Matter && heading.Title.EndsWith("CONTENTS", StringComparison.OrdinalIgnoreCase));
        if (contentsAt >= 0 && contentsAt + 1 < headings.Count)
        {
            Heading first = headings[contentsAt + 1];
            int again = headings.FindIndex(contentsAt + 2, heading => IsSame(heading, first));
            if (again > 0 && headings[again].FirstLine < _lines.Count / 4) headings = [.. headings[..(contentsAt + 1)], .. headings[again..]];
        }
        for (int i = 0; i < headings.Count;)
        {
            int end = i + 1;
            while (end < headings.Count && NextVisible(headings[end - 1].LastLine) == headings[end].FirstLine) end++;
            List<Heading> run = headings[i..end];
            bool contents = run.GroupBy(heading => (heading.Style, heading.Family)).Any(group => group.Count() >= 3);
            // The last entry of the list may be the first true heading: "Chapter 30" is listed, "Chapter 1" follows.
            bool lastIsTrue = contents && run[^1].Number == 1 && run.Count > 3;
            kept.AddRange(contents ? lastIsTrue ? run[^1..] : [] : run);
            i = end;
        }
        return kept;
    }

    /// <summary>
    /// Keeps headings that are numbers only where they count: each follows its predecessor, from one up, at least two of them, and
    /// sentences do not run across them as they do across page numbers.
    /// </summary>
    private List<Heading> WithoutLooseNumbers(List<Heading> headings)
    {
        bool[] kept = new bool[headings.Count];
        Dictionary<HeadingStyle, List<int>> series = new() { [HeadingStyle.Number] = [], [HeadingStyle.NumberAndTitle] = [] };
        int lastOfWord = 0;
        for (int i = 0; i < headings.Count; i++)
        {
            Heading heading = headings[i];
            if (!series.TryGetValue(heading.Style, out List<int>? counted))
            {
                kept[i] = true;
                if (heading.Style == HeadingStyle.Word) lastOfWord = heading.Number ?? 0;
                continue;
            }
            if (heading.Style == HeadingStyle.NumberAndTitle && lastOfWord > 0 && heading.Number == lastOfWord + 1)
            {
                kept[i] = true;
                lastOfWord++;
                continue;
            }
            int expected = counted.Count == 0 ? 1 : headings[counted[^1]].Number!.Value + 1;
            if (heading.Number != expected && heading.Number == 1)
            {
                Settle(counted);
                expected = 1;
            }
            // One number may be missing, lost in a page's foot, where titles tell that these are headings.
            bool skipsOne = heading.Style == HeadingStyle.NumberAndTitle && heading.Number == expected + 1 && counted.Count > 0;
            if (heading.Number == expected || skipsOne) counted.Add(i);
        }
        foreach (List<int> counted in series.Values) Settle(counted);
        return [.. headings.Where((_, i) => kept[i])];

        void Settle(List<int> counted)
        {
            int interrupting = counted.Count(i => InterruptsSentence(headings[i].FirstLine, i > 0 ? headings[i - 1].LastLine : -1));
            if (counted.Count >= 2 && interrupting * 5 <= counted.Count)
                foreach (int i in counted) kept[i] = true;
            counted.Clear();
        }
    }

    private bool InterruptsSentence(int line, int lastHeading)
    {
        int before = PreviousVisible(line);
        return before > lastHeading && (char.IsLower(LastSign(before)) || LastSign(before) is ',' or ';');
    }

    /// <summary>"BOOK TWO: HIS FACT" directly followed by "BOOK TWO" is one heading.</summary>
    private List<Heading> WithoutRepetitions(List<Heading> headings)
    {
        List<Heading> kept = [];
        foreach (Heading heading in headings)
        {
            if (kept.Count > 0 && heading.Style == HeadingStyle.Word && kept[^1].Family == heading.Family && kept[^1].Number == heading.Number
                && NextVisible(kept[^1].LastLine) == heading.FirstLine)
                kept[^1] = kept[^1] with { LastLine = heading.LastLine };
            else
                kept.Add(heading);
        }
        return kept;
    }

    /// <summary>The same words three times over are a page's running head or a refrain; only numbered parts begin anew ("SCENE I").</summary>
    private static List<Heading> WithoutRunningHeads(List<Heading> headings)
    {
        HashSet<string> running = [.. headings
            .Where(heading => heading.Style is HeadingStyle.Matter or HeadingStyle.Capitals or HeadingStyle.ShortLine || (heading.Style == HeadingStyle.Word && heading.Number is null))
            .GroupBy(heading => heading.Title, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() >= 3).Select(group => group.Key)];
        return [.. headings.Where(heading => !running.Contains(heading.Title))];
    }

    /// <summary>Headings between equals signs ("== Gameplay =="), their number the depth, as in wikis.</summary>
    private List<Heading> BetweenEqualsSigns()
    {
        List<Heading> found = [];
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].IsBlank || _lines[i].Length > UnwrappedLength || _text[_lines[i].Start] != '=' || LastSign(i) != '=') continue;
            string line = _lines[i].In(_text).ToString().Replace(" ", "");
            int depth = line.Length - line.TrimStart('=').Length;
            if (depth < line.Length) found.Add(new Heading(i, i, HeadingStyle.ShortLine, "", null, HeadingLine.Plain(_lines[i].In(_text)), depth));
        }
        return found;
    }

    /// <summary>In a text whose paragraphs are single long lines: short lines without a full stop, followed by a long one.</summary>
    private List<Heading> ShortLines()
    {
        List<Heading> found = BetweenEqualsSigns();
        if (found.Count >= 2) return found;
        found.Clear();
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].IsBlank || _lines[i].Length > 80 || NextVisible(i) is var next && (next < 0 || _lines[next].Columns(_text) <= UnwrappedLength)) continue;
            if (HeadingLine.IsShortTitle(_lines[i].In(_text)))
                found.Add(new Heading(i, i, HeadingStyle.ShortLine, "", null, HeadingLine.Plain(_lines[i].In(_text))));
        }
        found = WithoutRunningHeads(found);
        return found.Count >= 2 ? found : [];
    }

    private static bool HasTitle(Heading heading) => heading.Style switch
    {
        HeadingStyle.Word => heading.Title.TrimEnd('.', ':', ' ').Count(c => c is ' ' or '-' or '—') > 1,
        HeadingStyle.Number => false,
        _ => true,
    };

    /// <summary>Whether a heading is the entry of a table of contents, which may end with the page's number.</summary>
    private static bool IsSame(Heading heading, Heading entry) =>
        heading.Style == entry.Style && heading.Family == entry.Family && heading.Number == entry.Number
        && (entry.Number is not null || entry.Title.StartsWith(heading.Title, StringComparison.OrdinalIgnoreCase));

    private char LastSign(int line) => _text[_lines[line].End - 1];

    private int PreviousVisible(int line)
    {
        int before = line - 1;
        while (before >= 0 && _lines[before].IsBlank) before--;
        return before;
    }

    private bool IsBlank(int line) => line >= _lines.Count || _lines[line].IsBlank;

    private int BlanksBefore(int line) => _blanksBefore[line];

    private int NextVisible(int line)
    {
        int next = line + 1;
        while (next < _lines.Count && _lines[next].IsBlank) next++;
        return next < _lines.Count ? next : -1;
    }
}
