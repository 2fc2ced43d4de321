using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>How much the tokens of a document are wanted in a layer: asking queries [G, H/G * T, D] to [G, N].</summary>
internal delegate Tensor ScoreTokens(int layer, Tensor asking);

/// <summary>Plans whose rows are tokens of the memory as they are stored, packed behind the header in document order (design section 3).</summary>
internal static class StoredRows
{
    public static MemoryPlan All(ComparedQuestion question) => Of(question, Enumerable.Range(0, question.Tokens));

    /// <summary>The same tokens in every layer.</summary>
    public static MemoryPlan Of(ComparedQuestion question, IEnumerable<int> tokens)
    {
        long[] chosen = [.. tokens.Distinct().Order().Select(token => (long)token)];
        if (chosen.Length == 0) return new MemoryPlan();
        return new MemoryPlan
        {
            RowCount = chosen.Length,
            Rows = (layer, _, start) =>
            {
                Tensor places = tensor(chosen);
                (Tensor keys, Tensor values) = question.Document.Of(layer, places);
                return new LayerRows(question.Model.Decoder.Rope.Rotate(keys, start), values) { Tokens = places };
            },
        };
    }

    /// <summary>The same blocks in every layer.</summary>
    public static MemoryPlan OfBlocks(ComparedQuestion question, IEnumerable<int> blocks) => Of(question, TokensOf(question, blocks));

    /// <summary>The tokens of the highest score, chosen in every layer by its own queries and for every key/value head by itself.</summary>
    /// <param name="keysCompared">By one key/value head of one layer.</param>
    /// <param name="packed">The tokens stand one after the other; otherwise all at one distance.</param>
    public static MemoryPlan Best(ComparedQuestion question, int budget, ScoreTokens score, long keysCompared, bool packed = true)
    {
        int count = Math.Min(budget, question.Tokens);
        return new MemoryPlan
        {
            RowCount = count,
            Rows = (layer, queries, start) =>
            {
                Tensor best = score(layer, question.Asking(queries)).topk(count, 1).indexes.sort(1).Values;
                (Tensor keys, Tensor values) = question.Document.Of(layer, best);
                RotaryEmbedding rope = question.Model.Decoder.Rope;
                return new LayerRows(packed ? rope.Rotate(keys, start) : rope.RotateAll(keys, FarPosition(start, count)), values) { Tokens = best };
            },
            KeysCompared = keysCompared * question.Config.Layers * question.Config.KvHeads,
        };
    }

    public static IEnumerable<int> TokensOf(ComparedQuestion question, IEnumerable<int> blocks) => blocks.SelectMany(block =>
        Enumerable.Range(block * KvCodec.BlockTokens, Math.Min(KvCodec.BlockTokens, question.Tokens - block * KvCodec.BlockTokens)));

    /// <summary>Scores of blocks [G, B] as scores of their tokens [G, N]: what is chosen are whole blocks, but for the last.</summary>
    public static Tensor ByToken(Tensor ofBlocks, int tokens) => ofBlocks.repeat_interleave(KvCodec.BlockTokens, 1).narrow(1, 0, tokens);

    /// <summary>Blocks that fit into a budget.</summary>
    public static int BlocksIn(ComparedQuestion question, int budget) => budget >= question.Tokens ? question.Blocks : budget / KvCodec.BlockTokens;

    /// <summary>Position for rows that stand for tokens from everywhere: the fixed distance before the question, or the first position.</summary>
    public static int FarPosition(int start, int rows) => Math.Max(0, start + rows - BlockScores.FixedDistance);

    /// <summary>Tokens near the question, and how many before them are far, when only a part of the budget is for the near ones.</summary>
    /// <returns>Nothing is far when all of the document fits into the budget.</returns>
    public static (int Far, int Near) Split(ComparedQuestion question, int budget, int nearBudget)
    {
        int near = question.Tokens <= budget ? question.Tokens : nearBudget;
        return (question.Tokens - near, near);
    }
}
