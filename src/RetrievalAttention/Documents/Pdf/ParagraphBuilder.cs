using System.Text.RegularExpressions;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Joins lines to paragraphs by what a typesetter does between them: space, indents, short last lines, changes of size. Distances are in
/// font sizes.
/// Goals: 1. a sentence that goes on in the next column or on the next page stays one paragraph; 2. list items stay apart; 3. footnotes
/// stand after the text of their page, or before its last paragraph where that one goes on on the next page, so that pages stay ranges.
/// </summary>
internal static partial class ParagraphBuilder
{
    private const float SameSize = 0.08f;
    private const float Indent = 0.8f;

    /// <summary>More space than this many times the usual distance of lines ends a paragraph.</summary>
    private const float ExtraSpace = 1.25f;

    /// <summary>Share of a paragraph's neighbouring lines that end at or before their margin.</summary>
    private const float Reached = 0.9f;

    public static List<Block> Build(IReadOnlyList<PageLines> pages)
    {
        var bodies = new List<(int Page, List<Block> Body, List<Block> Footnotes)>();
        Block? unfinished = null;
        foreach (PageLines page in pages)
        {
            List<Block> body = [], footnotes = [];
            foreach (Block block in page.Regions.SelectMany(BlocksOf))
            {
                Block? last = body.Count > 0 ? body[^1] : unfinished;
                if (block.Kind == ParagraphKind.Footnote) footnotes.Add(block);
                else if (last is not null && GoesOn(last, block)) last.Lines.AddRange(block.Lines);
                else body.Add(block);
            }
            bodies.Add((page.Number, body, footnotes));
            if (body.Count > 0) unfinished = body[^1];
        }
        return [.. bodies.SelectMany(page => InOrder(page.Page, page.Body, page.Footnotes))];
    }

    private static IEnumerable<Block> InOrder(int page, List<Block> body, List<Block> footnotes) =>
        body.Count > 0 && body[^1].LastPage > page ? [.. body[..^1], .. footnotes, body[^1]] : [.. body, .. footnotes];

    /// <summary>The blocks of one region.</summary>
    private static List<Block> BlocksOf(List<TextLine> region)
    {
        var blocks = new List<Block>();
        float[] rights = LocalRights(region);
        float leading = UsualLeading(region);
        for (int i = 0; i < region.Count; i++)
        {
            if (i > 0 && !Starts(region, i, rights, leading, blocks[^1])) blocks[^1].Lines.Add(region[i]);
            else blocks.Add(new Block(region[i].Kind, [region[i]]));
        }
        return blocks;
    }

    private static bool Starts(List<TextLine> region, int i, float[] rights, float leading, Block block)
    {
        TextLine last = region[i - 1], line = region[i];
        if (line.StartsSection is not null || line.Kind != last.Kind) return true;
        float distance = last.Baseline - line.Baseline;
        switch (line.Kind)
        {
            case ParagraphKind.Verse or ParagraphKind.Table:
                return distance < 0 || distance > 2.5f * Math.Max(leading, last.Size);
            case ParagraphKind.Code:
                return distance < 0 || distance > ExtraSpace * Math.Max(leading, 1.2f * last.Size);
            case ParagraphKind.Footnote:
                return line.StartsWithSuperscript || distance < 0;
            case ParagraphKind.Heading:
                return distance > 2f * last.Size || !AlikeInSize(last, line);
        }
        float usual = Math.Min(leading, 1.6f * Math.Max(last.Size, line.Size));
        if (distance < 0 || distance > ExtraSpace * Math.Max(usual, line.Size)) return true;
        if (!AlikeInSize(last, line)) return true;
        if (last.Bold != line.Bold && (line.Bold || block.Lines.TrueForAll(inBlock => inBlock.Bold))) return true;
        if (Bullet().IsMatch(line.Text)) return true;
        if (IsShort(last, line, rights[i - 1])) return true;
        if (line.Left > last.Left + Indent * line.Size && EndsSentence(last.Text)) return true;
        return block.Lines.Count > 1 && line.Left < last.Left - Indent * line.Size;
    }

    /// <summary>Whether a block of the next column or page goes on with the sentence that the last one left open.</summary>
    private static bool GoesOn(Block open, Block next)
    {
        TextLine last = open.Lines[^1], line = next.Lines[0];
        if (open.Kind != ParagraphKind.Body || next.Kind != ParagraphKind.Body || line.StartsSection is not null) return false;
        bool elsewhere = line.Page != last.Page || line.Baseline > last.Baseline;
        if (!elsewhere || !AlikeInSize(last, line) || last.Bold != line.Bold || Bullet().IsMatch(line.Text)) return false;
        if (EndsSentence(last.Text)) return false;
        char first = line.Text[0];
        return char.IsLower(first) || Hyphenation.EndsWithHyphen(last.Text)
            || (last.Text[^1] is ',' or ';' || char.IsLetterOrDigit(last.Text[^1])) && open.Lines.Count > 1 && last.Right >= open.Lines[0].Right - 2 * last.Size;
    }

    /// <summary>The first word of the next line would have fitted: the writer ended the line on purpose.</summary>
    private static bool IsShort(TextLine last, TextLine next, float right) =>
        !Hyphenation.EndsWithHyphen(last.Text) && last.Right + next.FirstWordWidth + 0.6f * last.Size < right;

    private static bool AlikeInSize(TextLine a, TextLine b) => Math.Abs(a.Size - b.Size) <= SameSize * Math.Max(a.Size, b.Size);

    private static bool EndsSentence(string text)
    {
        int end = text.Length - 1;
        while (end > 0 && text[end] is '"' or '”' or '’' or '\'' or ')' or ']' or '»' or '“') end--;
        return text[end] is '.' or '!' or '?' or ':' or '…' or '。';
    }

    [GeneratedRegex(@"^(?:[•◦▪‣∙·–—−*]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|\[\w{1,8}\]\s)")]
    private static partial Regex Bullet();

    /// <summary>
    /// For each line the right margin that it could have reached: the farthest end among its neighbours of the same size, without the
    /// few that stick out.
    /// </summary>
    private static float[] LocalRights(List<TextLine> region)
    {
        var rights = new float[region.Count];
        for (int start = 0; start < region.Count;)
        {
            int end = start + 1;
            while (end < region.Count && AlikeInSize(region[end - 1], region[end]) && region[end].Kind == region[end - 1].Kind
                && region[end - 1].Baseline - region[end].Baseline is > 0 and var distance && distance < 2 * region[end].Size)
            {
                end++;
            }
            float right = region.Skip(start).Take(end - start).Select(line => line.Right).Order().ElementAt((int)(Reached * (end - start - 1)));
            for (int i = start; i < end; i++) rights[i] = right;
            start = end;
        }
        return rights;
    }

    /// <summary>Distance of neighbouring baselines inside paragraphs: the lower quartile, for a page may have more gaps than lines.</summary>
    private static float UsualLeading(List<TextLine> region)
    {
        float[] distances = [.. region.Zip(region.Skip(1), (above, below) => above.Baseline - below.Baseline).Where(distance => distance > 0).Order()];
        return distances.Length == 0 ? 0 : distances[distances.Length / 4];
    }
}
