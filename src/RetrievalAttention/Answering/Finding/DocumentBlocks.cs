using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>A document as the blocks of its memory: 64 consecutive tokens each, as ranges of its text.</summary>
public sealed class DocumentBlocks
{
    private DocumentBlocks(Document document, IReadOnlyList<TextRange> ranges) => (Document, Ranges) = (document, ranges);

    public Document Document { get; }

    /// <summary>Characters of every block, in document order.</summary>
    public IReadOnlyList<TextRange> Ranges { get; }

    public int Count => Ranges.Count;

    public static DocumentBlocks Of(DocumentMemory memory) =>
        new(memory.Document, [.. Enumerable.Range(0, memory.Index!.Blocks).Select(block => memory.Index.TextRange(block)).Select(range => new TextRange(range.Start, range.End))]);

    /// <summary>The same blocks, where there is no memory.</summary>
    public static DocumentBlocks Of(Document document, ITextTokenizer tokenizer) =>
        new(document, [.. tokenizer.Encode(document.Text).Chunk(KvCodec.BlockTokens).Select(tokens => new TextRange(tokens[0].Start, tokens[^1].End))]);

    /// <summary>Blocks that overlap a range of the text, first to last (inclusive).</summary>
    public (int First, int Last) Overlapping(TextRange range)
    {
        int first = FirstEndingAfter(range.Start);
        return (first, Math.Max(first, FirstEndingAfter(Math.Max(range.Start, range.End - 1))));
    }

    private int FirstEndingAfter(int position)
    {
        int low = 0, high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Ranges[middle].End > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
