using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation;

/// <param name="Mrr">Mean over questions of 1/rank of the first gold block, by this head alone.</param>
public sealed record HeadQuality(RetrievalHead Head, double Mrr);

/// <param name="Ranking">Every head, best first.</param>
/// <param name="Chosen">Heads that are used together.</param>
/// <param name="ChosenMrr">MRR of their sum.</param>
public sealed record CalibrationResult(int Questions, IReadOnlyList<HeadQuality> Ranking, IReadOnlyList<RetrievalHead> Chosen, double ChosenMrr);

/// <summary>
/// Finds a model's retrieval heads: which heads' queries, put to the token-level keys of a text, point at the block that answers a question
/// (design section 2). Every head is tried on questions with evidence.
/// </summary>
public sealed class HeadCalibration(LoadedModel model)
{
    /// <summary>Heads that may be added to the best one, in the order of their own quality.</summary>
    private const int Considered = 8;

    /// <summary>Most heads that are used together: each costs a scan.</summary>
    private const int MostChosen = 4;

    /// <summary>Gain in MRR for which a head is worth its scan.</summary>
    private const double WorthAHead = 0.01;

    private readonly List<HeadRanks> _questions = [];

    /// <summary>Scores of one question: by head, by block.</summary>
    private sealed record HeadRanks(double[][] Scores, int[] Gold);

    /// <summary>Tries every head on the questions of one document.</summary>
    public void Add(MemoryFile memory, IReadOnlyList<AnswerCase> questions, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        IReadOnlyList<TextToken> tokens = [.. Enumerable.Range(0, memory.Blocks).SelectMany(memory.ReadTokens)];
        Tensor keys = AllKeys(memory);
        int done = 0;
        foreach (AnswerCase question in questions)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Trying every head", done++, questions.Count, "questions"));
            int[] gold = [.. question.Evidence.SelectMany(evidence => BlocksOf(tokens, evidence.Start, evidence.End)).Distinct()];
            if (gold.Length > 0) _questions.Add(new HeadRanks(ScoresOfEveryHead(question.Question, keys), gold));
        }
    }

    /// <exception cref="ProblemException">No question with evidence was added.</exception>
    public CalibrationResult Finish()
    {
        if (_questions.Count == 0) throw new ProblemException(ProblemKind.Document, "No question with evidence was found, so no head can be judged. Give a file whose questions have evidence and char_offset.");
        HeadQuality[] ranking = [.. AllHeads().Select(head => new HeadQuality(head, MrrOf([head]))).OrderByDescending(quality => quality.Mrr)];
        List<RetrievalHead> chosen = [ranking[0].Head];
        double best = ranking[0].Mrr;
        foreach (HeadQuality next in ranking.Skip(1).Take(Considered - 1))
        {
            if (chosen.Count == MostChosen) break;
            double together = MrrOf([.. chosen, next.Head]);
            if (together < best + WorthAHead) continue;
            chosen.Add(next.Head);
            best = together;
        }
        return new CalibrationResult(_questions.Count, ranking, chosen, best);
    }

    private double[][] ScoresOfEveryHead(string question, Tensor keys)
    {
        using var scope = NewDisposeScope();
        RetrievalHead[] heads = [.. AllHeads()];
        (IReadOnlyList<int> ids, int prefix) = QuestionPrompt.FirstLook(model, question);
        using AttentionContext context = model.Header.NewContext(ids.Count);
        using QueryCapture queries = new(heads);
        model.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context, queries);
        return [.. heads.Select((head, i) => BlockScores.Of(model.Decoder.Rope.RotateAll(queries.Queries(i)[prefix..], BlockScores.FixedDistance), KeysOf(head)))];

        Tensor KeysOf(RetrievalHead head)
        {
            (int layer, int group) = head.SourceOf(model.Weights.Config);
            return keys[layer, group];
        }
    }

    private double MrrOf(IReadOnlyList<RetrievalHead> heads)
    {
        int[] indices = [.. heads.Select(head => head.Layer * model.Weights.Config.Heads + head.Head)];
        return _questions.Average(question =>
        {
            double Score(int block) => indices.Sum(i => question.Scores[i][block]);
            double gold = question.Gold.Max(Score);
            int blocks = question.Scores[0].Length;
            return 1.0 / (1 + Enumerable.Range(0, blocks).Count(block => Score(block) > gold));
        });
    }

    /// <summary>Keys of every layer and key/value head: [L, G, N, D], on the device.</summary>
    private Tensor AllKeys(MemoryFile memory)
    {
        List<Tensor> parts = [];
        for (int block = 0; block < memory.Blocks; block++)
        {
            (Tensor keys, _) = memory.Read([block]);
            parts.Add(keys[0].narrow(2, 0, memory.TokensOf(block)));
        }
        return cat(parts, 2).to(model.Decoder.Device);
    }

    private IEnumerable<RetrievalHead> AllHeads() =>
        from layer in Enumerable.Range(0, model.Weights.Config.Layers)
        from head in Enumerable.Range(0, model.Weights.Config.Heads)
        select new RetrievalHead(layer, head);

    private static IEnumerable<int> BlocksOf(IReadOnlyList<TextToken> tokens, int start, int end) =>
        Enumerable.Range(0, tokens.Count).Where(i => tokens[i].End > start && tokens[i].Start < end).Select(i => i / KvCodec.BlockTokens);
}
