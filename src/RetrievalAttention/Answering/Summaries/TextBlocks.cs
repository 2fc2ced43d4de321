using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>The blocks of a document's text, the same as those of its attention memory: 64 consecutive tokens each.</summary>
/// <param name="starts">First character of each block.</param>
/// <param name="length">Characters of the text.</param>
/// <param name="tokenizer">That cut the text into tokens.</param>
public sealed class TextBlocks(IReadOnlyList<int> starts, int length, ITextTokenizer tokenizer)
{
    public int Count => starts.Count;

    public static TextBlocks Of(string text, ITextTokenizer tokenizer)
    {
        IReadOnlyList<TextToken> tokens = tokenizer.Encode(text);
        return new TextBlocks([.. Enumerable.Range(0, MemoryFile.BlocksFor(tokens.Count)).Select(block => block == 0 ? 0 : tokens[block * KvCodec.BlockTokens].Start)], text.Length, tokenizer);
    }

    /// <summary>The block that holds a character.</summary>
    public int At(int position)
    {
        int low = 0, high = starts.Count;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (starts[middle] <= position) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>Characters of the blocks from the first to the last, both included.</summary>
    public (int Start, int End) Range(int first, int last) => (starts[first], last + 1 < starts.Count ? starts[last + 1] : length);

    /// <summary>Place of a word in the vocabulary, which puts the most frequent first: large for rare words, the vocabulary's size for words of several tokens.</summary>
    public int RankOf(string word) => tokenizer.Encode($" {word}") is [{ } only] ? only.Id : tokenizer.VocabularySize;
}
