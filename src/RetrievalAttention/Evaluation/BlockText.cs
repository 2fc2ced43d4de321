using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation;

/// <summary>The text of blocks, for prompts.</summary>
internal static class BlockText
{
    /// <summary>Texts of blocks in document order, adjacent ones joined.</summary>
    public static IEnumerable<string> Of(DocumentMemory memory, IReadOnlyList<int> blocks)
    {
        int i = 0;
        while (i < blocks.Count)
        {
            int last = i;
            while (last + 1 < blocks.Count && blocks[last + 1] == blocks[last] + 1) last++;
            yield return memory.Document.Text[memory.Index!.TextRange(blocks[i]).Start..memory.Index.TextRange(blocks[last]).End];
            i = last + 1;
        }
    }
}
