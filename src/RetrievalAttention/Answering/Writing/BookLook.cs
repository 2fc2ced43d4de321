using RetrievalAttention.Memory;
using TorchSharp;

namespace RetrievalAttention.Answering.Writing;

/// <summary>Chooses the blocks of a book that are attended to next.</summary>
/// <param name="queries">Of the last tokens in the retrieval heads, one [T, D] a head, before rotary embedding.</param>
/// <returns>Blocks in document order.</returns>
public delegate IReadOnlyList<int> BookLook(IReadOnlyList<torch.Tensor> queries);

/// <summary>What a text may see of its book.</summary>
public static class BookLooks
{
    /// <summary>Nothing.</summary>
    public static BookLook Nothing { get; } = Fixed([]);

    /// <summary>The best blocks by the retrieval heads, each with the block after it.</summary>
    /// <param name="blocks">Only among the first blocks of the book; null for all.</param>
    public static BookLook Again(LoadedModel model, DocumentMemory memory, int runs, int? blocks = null) =>
        queries => BlockRuns.Best(memory.Index!.Score(queries, model.Decoder.Rope, weights: null, blocks), runs);

    /// <summary>The same blocks all the time, such as the book's opening for its style.</summary>
    public static BookLook Fixed(IEnumerable<int> blocks)
    {
        int[] inOrder = [.. blocks.Order()];
        return _ => inOrder;
    }
}
