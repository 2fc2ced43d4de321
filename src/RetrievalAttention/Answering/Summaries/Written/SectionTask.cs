using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Answering.Summaries.Written;

/// <summary>Sentences to be shortened, with what the model may look at while it does.</summary>
/// <param name="About">What they are about, for the model: the title and the heading.</param>
/// <param name="Keys">In document order; at least one.</param>
/// <param name="MostWords">The text must not be longer.</param>
/// <param name="Blocks">Of the memory, in document order.</param>
internal sealed record SectionTask(string About, IReadOnlyList<SummarySentence> Keys, int MostWords, IReadOnlyList<int> Blocks)
{
    /// <summary>Blocks attended to: twice those of a question, for a section is told from more places than an answer.</summary>
    private const int MostBlocks = 16;

    /// <summary>How far on both sides of a key sentence blocks are taken.</summary>
    private const int Neighbours = 3;

    public string Instruction => $"Summarize this part of {About} in one or two short sentences.";

    /// <summary>The blocks of the key sentences, then those next to them, as far as they were read and are within the section.</summary>
    public static SectionTask Of(string about, IReadOnlyList<SummarySentence> keys, int mostWords, int blocksRead)
    {
        int[] own = [.. keys.SelectMany(key => key.Sources).SelectMany(source => Enumerable.Range(source.FirstBlock, source.LastBlock - source.FirstBlock + 1)).Distinct().Where(block => block < blocksRead)];
        int first = own.Length == 0 ? 0 : own.Min(), last = own.Length == 0 ? -1 : own.Max();
        IEnumerable<int> near = Enumerable.Range(1, Neighbours).SelectMany(distance => own.SelectMany(block => new[] { block - distance, block + distance }))
            .Where(block => block >= Math.Max(0, first - 1) && block <= Math.Min(blocksRead - 1, last + 1));
        // Of more than fit, evenly many from the whole length.
        IEnumerable<int> spread = own.Length <= MostBlocks ? own : Enumerable.Range(0, MostBlocks).Select(i => own[i * own.Length / MostBlocks]);
        return new SectionTask(about, keys, mostWords, [.. spread.Concat(near).Distinct().Take(MostBlocks).Order()]);
    }

    /// <summary>Everything that the result depends on.</summary>
    public string Key(MemoryFingerprint memory, AnsweringOptions options, MemoryGates? gates) => MemoryStore.HashOf(string.Join(
        '\n', [Instruction, $"{MostWords} {options}", memory.AsKey(), string.Join(' ', Blocks), .. Keys.Select(key => key.Text), .. gates is null ? [] : new[] { gates.AsKey() }]));

    /// <summary>Tokens of the key sentences.</summary>
    public int KeyTokens(ITextTokenizer tokenizer) => Keys.Sum(key => tokenizer.Encode(key.Text).Count);
}
