using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Retrieval: what is attended to depends on the question.</summary>
internal static class RetrievalMethods
{
    private const double NeighbourShare = 0.25;

    /// <summary>The way that <c>ra ask</c> goes.</summary>
    public const string OfThisProject = "quoted";

    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("mean-keys", MethodFamily.Retrieval, "Xiao et al. 2024, InfLLM", "blocks of 64 tokens by their mean key, per layer and key/value head",
            "Chosen once a question, by all its tokens; mean keys in place of representative tokens; packed positions.",
            (question, budget) => StoredRows.Best(question, budget, (layer, asking) => ByBlock(question, asking.bmm(Bounds(question)[0][layer].transpose(1, 2))), question.Blocks))
        { BecomesFull = true },
        new("quest", MethodFamily.Retrieval, "Tang et al. 2024, Quest", "blocks of 64 tokens by the upper bound that smallest and largest keys give, per layer and key/value head",
            "Chosen once a question, by all its tokens; bounds of keys before rotary embedding; packed positions.",
            (question, budget) => StoredRows.Best(question, budget, (layer, asking) => ByBlock(question, UpperBound(asking, Bounds(question)[1][layer], Bounds(question)[2][layer])), 2L * question.Blocks))
        { BecomesFull = true },
        new("topk", MethodFamily.Retrieval, "Liu et al. 2024, RetrievalAttention", "the tokens of most attention, exactly, per layer and key/value head",
            "Exact search over all keys (an oracle of their index); chosen once a question, by all its tokens, at a fixed distance; packed positions. The next three rows take these departures back.",
            (question, budget) => BestTokens(question, budget, packed: true)) { BecomesFull = true },
        new("topk-distance", MethodFamily.Retrieval, "Liu et al. 2024, RetrievalAttention", "the same, seen at the distance at which they were compared", "Chosen once a question, by all its tokens.",
            (question, budget) => BestTokens(question, budget, packed: false)),
        new("topk-fresh", MethodFamily.Retrieval, "Liu et al. 2024, RetrievalAttention", "as topk, but every token that predicts chooses its own", "Packed positions; the question before its last token sees what it chose as a whole.",
            (question, budget) => BestTokens(question, budget, packed: true) with { EachTokenChooses = true }) { BecomesFull = true, Dear = Dear.EachToken },
        new("topk-fresh-distance", MethodFamily.Retrieval, "Liu et al. 2024, RetrievalAttention", "both", "The nearest to the paper: what is left is the question before its last token, and one choice for the query heads that share keys.",
            (question, budget) => BestTokens(question, budget, packed: false) with { EachTokenChooses = true }) { Dear = Dear.EachToken },
        new("heads", MethodFamily.Retrieval, "Wu et al. 2024, retrieval heads", "blocks by the retrieval heads alone, for all layers", "First look of this project, by attention alone.",
            (question, budget) => OfBlocks(question, budget, question.Rankings.ByAttention, secondLook: false)) { BecomesFull = true },
        new("heads-second", MethodFamily.Retrieval, "this project", "the same after the second look", "",
            (question, budget) => OfBlocks(question, budget, question.Rankings.ByAttention, secondLook: true)) { BecomesFull = true },
        new("words-vectors", MethodFamily.Retrieval, "none", "memory of the blocks that words and vectors find", "Usual hybrid retrieval of what is then attended to in memory.",
            (question, budget) => OfBlocks(question, budget, question.Rankings.WordsAndVectors, secondLook: false)) { BecomesFull = true },
        new("fused", MethodFamily.Retrieval, "this project", "memory of the blocks that words, vectors and retrieval heads find together", "",
            (question, budget) => OfBlocks(question, budget, question.Rankings.Fused, secondLook: false)) { BecomesFull = true },
        new("fused-second", MethodFamily.Retrieval, "this project", "the same after the second look", "",
            (question, budget) => OfBlocks(question, budget, question.Rankings.Fused, secondLook: true)) { BecomesFull = true },
        new("fixed-distance", MethodFamily.Retrieval, "Xiao et al. 2024, InfLLM (its position rule)", $"the same, every token {BlockScores.FixedDistance} positions before the question", "",
            AtOneDistance),
        new(OfThisProject, MethodFamily.Retrieval, "this project", "the same, and the text of the best two blocks before the question, within the budget", "What ra ask does.", Quoted),
        new("rag", MethodFamily.Retrieval, "Lewis et al. 2020, RAG", "text of the blocks that words and vectors find, in the prompt", "No trained retriever.",
            (question, budget) => new MemoryPlan { QuotedBlocks = Found(question, budget, question.Rankings.WordsAndVectors, secondLook: false) }),
        new("rag-fused", MethodFamily.Retrieval, "this project", "text of the blocks that fused-second finds, in the prompt", "",
            (question, budget) => new MemoryPlan { QuotedBlocks = Found(question, budget, question.Rankings.Fused, secondLook: true) }),
        new("knn-lm", MethodFamily.Retrieval, "Khandelwal et al. 2020, kNN-LM", $"as many neighbours as the budget has tokens, {NeighbourShare} of the prediction",
            "Places are known by stored keys of the last layer, not by the input of its feed-forward part; no layer sees the document.",
            (question, budget) => new MemoryPlan { AtOutput = new NearestTokens(budget, NeighbourShare), KeysCompared = (long)question.Tokens * question.Config.KvHeads }),
    ];

    /// <summary>The best blocks, in document order.</summary>
    public static IReadOnlyList<int> Found(ComparedQuestion question, int budget, RankBlocks rank, bool secondLook) =>
        [.. Ranked(question, budget, rank, secondLook).Take(StoredRows.BlocksIn(question, budget)).Order()];

    public static MemoryPlan OfBlocks(ComparedQuestion question, int budget, RankBlocks rank, bool secondLook) =>
        StoredRows.OfBlocks(question, Found(question, budget, rank, secondLook)) with { KeysCompared = KeysOfHeads(question, rank) };

    /// <summary>Best first. Twice as many blocks as are wanted take part in the second look, or as many as in ra ask.</summary>
    private static IReadOnlyList<int> Ranked(ComparedQuestion question, int budget, RankBlocks rank, bool secondLook)
    {
        MemoryShelf shelf = new(question.Memory);
        IReadOnlyList<int> first = rank(shelf, question.Case.Question);
        return secondLook
            ? BlockSearch.SecondLook(question.Model, shelf, question.Case.Question, first, Math.Max(question.Options.Candidates, 2 * StoredRows.BlocksIn(question, budget)))
            : first;
    }

    private static MemoryPlan BestTokens(ComparedQuestion question, int budget, bool packed) =>
        StoredRows.Best(question, budget, (layer, asking) => TokenAttention.Shares(asking, question.Document.Keys(layer)).sum(1), question.Tokens, packed);

    private static MemoryPlan Quoted(ComparedQuestion question, int budget)
    {
        IReadOnlyList<int> ranked = Ranked(question, budget, question.Rankings.Fused, secondLook: true);
        int blocks = StoredRows.BlocksIn(question, budget), quoted = Math.Min(question.Options.QuotedBlocks, blocks / 2);
        return StoredRows.OfBlocks(question, ranked.Take(blocks - quoted)) with
        {
            QuotedBlocks = [.. ranked.Take(quoted).Order()],
            KeysCompared = KeysOfHeads(question, question.Rankings.Fused),
        };
    }

    private static MemoryPlan AtOneDistance(ComparedQuestion question, int budget)
    {
        IReadOnlyList<int> blocks = Found(question, budget, question.Rankings.Fused, secondLook: true);
        long[] tokens = [.. StoredRows.TokensOf(question, blocks).Select(token => (long)token)];
        return StoredRows.OfBlocks(question, blocks) with
        {
            KeysCompared = KeysOfHeads(question, question.Rankings.Fused),
            Rows = (layer, _, start) =>
            {
                Tensor places = tensor(tokens);
                (Tensor keys, Tensor values) = question.Document.Of(layer, places);
                return new LayerRows(question.Model.Decoder.Rope.RotateAll(keys, StoredRows.FarPosition(start, tokens.Length)), values) { Tokens = places };
            },
        };
    }

    private static long KeysOfHeads(ComparedQuestion question, RankBlocks rank) => ReferenceEquals(rank, question.Rankings.WordsAndVectors)
        ? 0
        : (long)question.Tokens * question.Model.Heads.Sources(question.Config).Count;

    /// <summary>Scores of queries and blocks [G, Q, B] to shares of blocks, summed over queries, by token [G, N].</summary>
    private static Tensor ByBlock(ComparedQuestion question, Tensor scores) => StoredRows.ByToken(scores.softmax(-1).sum(1), question.Tokens);

    /// <summary>Largest product that any key between two bounds could have: Σ_d max(q_d · min_d, q_d · max_d).</summary>
    private static Tensor UpperBound(Tensor asking, Tensor least, Tensor most) =>
        asking.clamp(min: Scalars.Zero).bmm(most.transpose(1, 2)).add_(asking.clamp(max: Scalars.Zero).bmm(least.transpose(1, 2)), Scalars.One);

    /// <summary>Mean, smallest and largest keys of every block, each [L, G, B, D].</summary>
    private static IReadOnlyList<Tensor> Bounds(ComparedQuestion question) => question.Document.PreparedByLayer("bounds", layer =>
    {
        Tensor keys = question.Document.Keys(layer);
        Tensor[] blocks = [.. keys.split(KvCodec.BlockTokens, 1)];
        return [stack(blocks.Select(block => block.mean([1])), 1), stack(blocks.Select(block => block.amin([1])), 1), stack(blocks.Select(block => block.amax([1])), 1)];
    });
}
