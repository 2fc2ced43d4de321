using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>The ways to find blocks that retrieval methods compare.</summary>
/// <param name="Fused">Words, vectors and attention.</param>
/// <param name="WordsAndVectors">Usual hybrid retrieval.</param>
public sealed record BlockRankings(RankBlocks Fused, RankBlocks WordsAndVectors);

/// <summary>A question and everything that a method may look at to choose what is attended to. Its answer is there only to be measured, and its evidence only for methods that are told it.</summary>
public sealed record ComparedQuestion(LoadedModel Model, ComparedDocument Document, AnswerCase Case, AnsweringOptions Options, BlockRankings Rankings)
{
    public DocumentMemory Memory => Document.Memory;

    /// <summary>N.</summary>
    public int Tokens => Document.Tokens;

    public DecoderConfig Config => Model.Weights.Config;

    /// <summary>Blocks that hold evidence, in document order.</summary>
    public IReadOnlyList<int> GoldBlocks =>
    [
        .. Case.Evidence.SelectMany(evidence =>
        {
            (int first, int last) = Memory.Index!.BlocksOf(evidence.Start, evidence.End);
            return Enumerable.Range(first, last - first + 1);
        }).Distinct().Order(),
    ];

    /// <summary>Where in the document the evidence begins, from 0 to 1; null without evidence.</summary>
    public double? Depth => Case.Evidence.Count == 0 ? null : (double)Case.Evidence.Min(range => range.Start) / Memory.Document.Text.Length;

    /// <summary>Random numbers that are always the same for a question.</summary>
    public Random Chance(int seed) => new(unchecked((int)QuestionSplit.PlaceOf($"{seed} {Case.Id}")));

    /// <summary>Queries as they are compared with stored keys: rotated by the fixed distance of the first look and divided by sqrt(D). [H, T, D] to [G, H/G * T, D].</summary>
    public torch.Tensor Asking(torch.Tensor queries)
    {
        torch.Tensor rotated = Model.Decoder.Rope.RotateAll(queries.to(torch.float32), BlockScores.FixedDistance);
        return rotated.div_(Math.Sqrt(Config.HeadSize)).reshape(Config.KvHeads, -1, Config.HeadSize);
    }
}
