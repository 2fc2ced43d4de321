using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering;

/// <summary>Sources of an answer: what the model looked at while it wrote, not what a search returned.</summary>
public static class Citations
{
    /// <summary>Sources by attention, most first; adjacent blocks make one source.</summary>
    /// <param name="attention">Total attention by block, unnormalised.</param>
    /// <param name="most">Blocks to keep.</param>
    public static IReadOnlyList<AnswerSource> From(DocumentMemory memory, IReadOnlyDictionary<int, double> attention, int most)
    {
        if (memory.Index is null) return [];
        double total = attention.Values.Sum();
        if (total <= 0) return [];
        DocumentText text = new(memory.Document);
        var kept = attention.OrderByDescending(pair => pair.Value).Take(most).ToDictionary();
        return
        [
            .. Runs(kept.Keys.Order())
                .Select(run => (Range: Sentences(memory, run), Attention: run.Sum(block => kept[block]) / total))
                .OrderByDescending(source => source.Attention)
                .Select(source => Source(memory.Document, text, source.Range, source.Attention)),
        ];
    }

    public static AnswerSource Source(Document document, DocumentText text, TextRange range, double attention)
    {
        Locator locator = text.Locate(range.Start, range.End);
        return new AnswerSource(
            document.Path, document.Title, locator.Section, locator.PageLabel, locator.Start, locator.End,
            text.ReadingText(range.Start, range.End), attention, locator.Position);
    }

    private static IEnumerable<IReadOnlyList<int>> Runs(IEnumerable<int> blocks)
    {
        List<int> run = [];
        foreach (int block in blocks)
        {
            if (run.Count > 0 && block != run[^1] + 1)
            {
                yield return run;
                run = [];
            }
            run.Add(block);
        }
        if (run.Count > 0) yield return run;
    }

    /// <summary>
    /// Whole sentences of a run of blocks: those of which at least half lies inside, or all that touch it where none does.
    /// </summary>
    private static TextRange Sentences(DocumentMemory memory, IReadOnlyList<int> run)
    {
        Document document = memory.Document;
        int start = memory.Index!.TextRange(run[0]).Start, end = memory.Index.TextRange(run[^1]).End;
        int from = document.Paragraphs.LastOrDefault(paragraph => paragraph.Start <= start, new Paragraph(0, 0, ParagraphKind.Body)).Start;
        int to = document.Paragraphs.FirstOrDefault(paragraph => paragraph.End >= end, new Paragraph(0, document.Text.Length, ParagraphKind.Body)).End;
        TextRange[] touching = [.. Passages.Sentences.Split(document.Text, from, to, document.Language).Where(sentence => Overlap(sentence) > 0)];
        TextRange[] inside = [.. touching.Where(sentence => 2 * Overlap(sentence) >= sentence.Length)];
        TextRange[] chosen = inside.Length > 0 ? inside : touching;
        return chosen.Length > 0 ? new TextRange(chosen[0].Start, chosen[^1].End) : new TextRange(start, end);

        int Overlap(TextRange sentence) => Math.Min(sentence.End, end) - Math.Max(sentence.Start, start);
    }
}
