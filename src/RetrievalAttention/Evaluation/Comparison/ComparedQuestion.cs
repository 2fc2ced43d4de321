using RetrievalAttention.Answering;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>The ways to find blocks that retrieval methods compare.</summary>
/// <param name="ByAttention">The retrieval heads alone.</param>
/// <param name="Fused">Words, vectors and attention.</param>
/// <param name="WordsAndVectors">Usual hybrid retrieval.</param>
public sealed record BlockRankings(RankBlocks ByAttention, RankBlocks Fused, RankBlocks WordsAndVectors);

/// <summary>A question and everything that a method may look at to choose what is attended to. Its answer is there only to be measured, and its evidence only for methods that are told it.</summary>
public class ComparedQuestion(LoadedModel model, ComparedDocument document, AnswerCase asked, AnsweringOptions options, BlockRankings rankings) : IDisposable
{
    private ExactAttention? _exact;

    public LoadedModel Model { get; } = model;

    public ComparedDocument Document { get; } = document;

    public AnswerCase Case { get; } = asked;

    public AnsweringOptions Options { get; } = options;

    public BlockRankings Rankings { get; } = rankings;

    public DocumentMemory Memory => Document.Memory;

    /// <summary>N.</summary>
    public int Tokens => Document.Tokens;

    public int Blocks => MemoryFile.BlocksFor(Tokens);

    public DecoderConfig Config => Model.Weights.Config;

    /// <summary>Ids of what is predicted.</summary>
    public virtual IReadOnlyList<int> Gold => [.. Model.Tokenizer.Encode(Case.Answer).Select(token => token.Id)];

    /// <summary>Last tokens of the prompt whose queries choose; null for all.</summary>
    public virtual int? AskingTokens => null;

    /// <summary>Blocks that hold evidence, in document order.</summary>
    public IReadOnlyList<int> GoldBlocks => [.. Case.Evidence.SelectMany(evidence => AnswerEvaluation.BlocksOf(Memory.Index!, evidence)).Distinct().Order()];

    /// <summary>The full attention that selections are held against; computed on first need.</summary>
    public ExactAttention Exact => _exact ??= ExactAttention.Of(this);

    /// <summary>What stands between memory and answer.</summary>
    /// <param name="quotedBlocks">Blocks whose text stands in it, in document order.</param>
    public virtual Prompt PromptWith(IReadOnlyList<int> quotedBlocks) =>
        QuestionPrompt.Build(Model, new UserQuestion(Case.Question), Answerer.Quotations(new MemoryShelf(Memory), quotedBlocks));

    /// <summary>Random numbers that are always the same for a question.</summary>
    public Random Chance(int seed) => new(unchecked((int)QuestionSplit.PlaceOf($"{seed} {Case.Id}")));

    /// <summary>Queries as they are compared with stored keys: rotated by the fixed distance of the first look and divided by sqrt(D). [H, T, D] to [G, H/G * T, D].</summary>
    public torch.Tensor Asking(torch.Tensor queries)
    {
        torch.Tensor rotated = Model.Decoder.Rope.RotateAll(queries.to(torch.float32), BlockScores.FixedDistance);
        return rotated.div_(Scalars.Number(Math.Sqrt(Config.HeadSize))).reshape(Config.KvHeads, -1, Config.HeadSize);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _exact?.Dispose();
    }
}
