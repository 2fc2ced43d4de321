using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering;

/// <summary>Sources of an answer: what the model looked at while it wrote, not what a search returned.</summary>
public static class Citations
{
    /// <inheritdoc cref="From(MemoryShelf, IReadOnlyDictionary{int, double}, int)"/>
    public static IReadOnlyList<AnswerSource> From(DocumentMemory memory, IReadOnlyDictionary<int, double> attention, int most) => From(new MemoryShelf(memory), attention, most);

    /// <summary>Sources by attention, most first; adjacent blocks make one source.</summary>
    /// <param name="attention">Total attention by block of the shelf, unnormalised.</param>
    /// <param name="most">Blocks to keep.</param>
    public static IReadOnlyList<AnswerSource> From(MemoryShelf shelf, IReadOnlyDictionary<int, double> attention, int most)
    {
        if (!shelf.HasIndex) return [];
        double total = attention.Values.Sum();
        if (total <= 0) return [];
        DocumentText[] texts = [.. shelf.Books.Select(book => new DocumentText(book.Document))];
        var kept = attention.OrderByDescending(pair => pair.Value).Take(most).ToDictionary();
        return
        [
            .. Runs(shelf, kept.Keys.Order())
                .Select(run => (run.Book, Range: Sentences(shelf.Books[run.Book], run.First, run.Last), Attention: run.Numbers.Sum(block => kept[block]) / total))
                .OrderByDescending(source => source.Attention)
                .Select(source => Source(shelf.Books[source.Book].Document, texts[source.Book], source.Range, source.Attention)),
        ];
    }

    public static AnswerSource Source(Document document, DocumentText text, TextRange range, double attention)
    {
        Locator locator = text.Locate(range.Start, range.End);
        return new AnswerSource(
            document.Path, document.Title, locator.Section, locator.PageLabel, locator.Start, locator.End,
            text.ReadingText(range.Start, range.End), attention, locator.Position);
    }

    /// <summary>Adjacent blocks of one book.</summary>
    /// <param name="First">In its book, as is <paramref name="Last"/>.</param>
    /// <param name="Numbers">On the shelf.</param>
    private sealed record Run(int Book, int First, int Last, IReadOnlyList<int> Numbers);

    private static IEnumerable<Run> Runs(MemoryShelf shelf, IEnumerable<int> numbers)
    {
        Run? run = null;
        foreach (int number in numbers)
        {
            (int book, int block) = shelf.Locate(number);
            if (run is not null && run.Book == book && block == run.Last + 1)
            {
                run = run with { Last = block, Numbers = [.. run.Numbers, number] };
                continue;
            }
            if (run is not null) yield return run;
            run = new Run(book, block, block, [number]);
        }
        if (run is not null) yield return run;
    }

    /// <summary>Sentences of which some part lies in a range of the text.</summary>
    public static IReadOnlyList<TextRange> SentencesThatTouch(Document document, int start, int end)
    {
        int from = document.Paragraphs.LastOrDefault(paragraph => paragraph.Start <= start, new Paragraph(0, 0, ParagraphKind.Body)).Start;
        int to = document.Paragraphs.FirstOrDefault(paragraph => paragraph.End >= end, new Paragraph(0, document.Text.Length, ParagraphKind.Body)).End;
        return [.. Passages.Sentences.Split(document.Text, from, to, document.Language).Where(sentence => sentence.End > start && sentence.Start < end)];
    }

    /// <summary>
    /// Whole sentences of a run of blocks: those of which at least half lies inside, or all that touch it where none does.
    /// </summary>
    private static TextRange Sentences(DocumentMemory memory, int first, int last)
    {
        int start = memory.Index!.TextRange(first).Start, end = memory.Index.TextRange(last).End;
        IReadOnlyList<TextRange> touching = SentencesThatTouch(memory.Document, start, end);
        TextRange[] inside = [.. touching.Where(sentence => 2 * Overlap(sentence) >= sentence.Length)];
        IReadOnlyList<TextRange> chosen = inside.Length > 0 ? inside : touching;
        return chosen.Count > 0 ? new TextRange(chosen[0].Start, chosen[^1].End) : new TextRange(start, end);

        int Overlap(TextRange sentence) => Math.Min(sentence.End, end) - Math.Max(sentence.Start, start);
    }
}
