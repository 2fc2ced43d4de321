using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Evaluation.Comparison.Places;

/// <summary>A name in a block that the book has not said for long.</summary>
/// <param name="First">Its first token, from the start of the block.</param>
/// <param name="Last">Its last token there.</param>
/// <param name="Distance">Of <see cref="TextPlaces.Distances"/>, the nearest.</param>
public sealed record PlaceName(int First, int Last, int Distance);

/// <summary>A block of a book that is predicted from the blocks just before it, and from whatever a method sees of all before those.</summary>
public sealed record TextPlace(int Block, IReadOnlyList<PlaceName> Names)
{
    /// <summary>Blocks of local text, which are read in full.</summary>
    public const int LocalBlocks = 7;

    /// <summary>Blocks before the local text: the document that methods see.</summary>
    public int SeenBlocks => Block - LocalBlocks;

    public int SeenTokens => SeenBlocks * KvCodec.BlockTokens;
}

/// <summary>Chooses places in the last third of a book.</summary>
public static class TextPlaces
{
    /// <summary>A name that was said within so many tokens may still stand in the local text.</summary>
    private const int LeastDistance = 960;

    /// <summary>Tokens since a name was said last, by which names are grouped: each belongs to the nearest, by ratio.</summary>
    public static IReadOnlyList<int> Distances { get; } = [1_000, 8_000, 64_000];

    /// <summary>Half of them evenly over the last third, half where a name is said that was said about 1,000, 8,000 and 64,000 tokens before.</summary>
    /// <param name="tokens">Of the document's memory.</param>
    /// <returns>In the order of the book; fewer than asked for where it has no more.</returns>
    public static IReadOnlyList<TextPlace> Choose(Document document, IReadOnlyList<TextToken> tokens, BookNames names, int count)
    {
        int whole = tokens.Count / KvCodec.BlockTokens, first = Math.Max(2 * whole / 3, TextPlace.LocalBlocks + 1);
        ILookup<int, PlaceName> byBlock = NamesByBlock(document, tokens, names);
        int[] blocks = [.. Enumerable.Range(first, Math.Max(0, whole - first))];
        List<int> chosen = [.. blocks.Evenly((count + 1) / 2)];
        // The nearest come last and take what is left: far ones are rare.
        for (int group = Distances.Count - 1; group >= 0; group--)
            chosen.AddRange(blocks.Except(chosen).Where(block => byBlock[block].Any(name => name.Distance == Distances[group])).ToArray().Evenly((count - chosen.Count) / (group + 1)));
        return [.. chosen.Order().Select(block => new TextPlace(block, [.. byBlock[block]]))];
    }

    private static ILookup<int, PlaceName> NamesByBlock(Document document, IReadOnlyList<TextToken> tokens, BookNames names) =>
        RareNames.Find(document.Text, tokens, names, LeastDistance)
            .Where(name => name.First / KvCodec.BlockTokens == name.Last / KvCodec.BlockTokens)
            .ToLookup(name => name.First / KvCodec.BlockTokens, name => new PlaceName(
                name.First % KvCodec.BlockTokens, name.Last % KvCodec.BlockTokens, Distances.MinBy(distance => Math.Abs(Math.Log((double)name.Distance / distance)))));
}
