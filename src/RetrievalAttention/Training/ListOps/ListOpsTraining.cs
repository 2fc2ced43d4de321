using RetrievalAttention.Evaluation;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Training.ListOps;

/// <summary>What a training on ListOps came to.</summary>
/// <param name="Losses">Of every step.</param>
/// <param name="Accuracy">Of answers, on expressions that were held back, with its 95 % interval.</param>
/// <param name="ListAccuracy">Of the values of their lists where they close, expression by expression.</param>
/// <param name="Correct">One a held-back expression: 1 where the answer was right.</param>
public sealed record ListOpsResult(bool Memory, IReadOnlyList<double> Losses, Interval Accuracy, Interval ListAccuracy, IReadOnlyList<double> Correct);

/// <summary>
/// Trains one model from scratch on expressions that are drawn as they are needed, and tests it on others. Trained on the value of every list where it closes,
/// which Long Range Arena does not do, so that minutes suffice; tested on the value of the whole only.
/// </summary>
/// <param name="length">Most tokens of an expression; the fewest are three quarters of it.</param>
public sealed class ListOpsTraining(ListOpsShape shape, int length, int seed)
{
    public const int HeldBack = 1000;

    private const int Batch = 16;
    private const double LearningRate = 2e-3;

    private readonly ListOpsGenerator _generator = new(length * 3 / 4, length);

    public ListOpsResult Run(bool memory, int steps, string checkpoint, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using ListOpsModel model = NewModel(memory);
        string task = memory ? "Training with memory" : "Training without memory";
        IReadOnlyList<double> losses = new TrainingLoop(model, steps, LearningRate).Run(
            $"ListOps up to {length} tokens, seed {seed}, {shape}, memory {memory}", checkpoint, step => Loss(model, step), progress, task, cancellation);
        (double[] correct, double[] lists) = Test(model, progress, cancellation);
        return new ListOpsResult(memory, losses, Bootstrap.Mean(correct, new Random(seed)), Bootstrap.Mean(lists, new Random(seed)), correct);
    }

    /// <summary>Share of the most frequent answer among the expressions that are held back: what knowing nothing gives.</summary>
    public double MajorityClass => HeldBackSamples().GroupBy(sample => sample.Answer).Max(group => group.Count()) / (double)HeldBack;

    internal ListOpsModel NewModel(bool memory)
    {
        manual_seed(seed);
        return new ListOpsModel(shape, length, memory);
    }

    /// <summary>Cross entropy of the answers, and of the values of all lists, of the step's batch: half each.</summary>
    internal Tensor Loss(ListOpsModel model, int step)
    {
        using var scope = NewDisposeScope();
        ListOpsSample[] batch = TrainingBatch(step);
        Tensor tokens = Rows(batch.Select(sample => sample.Tokens), ListOpsTokens.Padding), values = Rows(batch.Select(sample => sample.Values), ListOpsSample.NoValue);
        Tensor scores = model.call(tokens);
        Tensor Mean(int of)
        {
            Tensor where = tokens.eq(Scalars.Integer(of));
            return nn.functional.cross_entropy(scores[where], values[where]);
        }
        return stack([Mean(ListOpsTokens.End), Mean(ListOpsTokens.Close)]).mean().MoveToOuterDisposeScope();
    }

    internal ListOpsSample[] TrainingBatch(int step)
    {
        Random random = new(SeedOf(step));
        return [.. Enumerable.Range(0, Batch).Select(_ => _generator.Next(random))];
    }

    /// <summary>From numbers that no step has.</summary>
    internal IReadOnlyList<ListOpsSample> HeldBackSamples()
    {
        Random random = new(SeedOf(-1));
        return [.. Enumerable.Range(0, HeldBack).Select(_ => _generator.Next(random))];
    }

    /// <summary>For each held-back expression: whether the answer was right, and what share of its lists.</summary>
    private (double[] Correct, double[] Lists) Test(ListOpsModel model, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var noGradient = no_grad();
        List<double> correct = [], lists = [];
        foreach (ListOpsSample[] batch in HeldBackSamples().Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Testing", correct.Count, HeldBack, "expressions"));
            using var scope = NewDisposeScope();
            Tensor best = model.call(Rows(batch.Select(sample => sample.Tokens), ListOpsTokens.Padding)).argmax(-1);
            foreach ((int row, ListOpsSample sample) in batch.Index())
            {
                long[] told = best[row].data<long>().ToArray();
                bool[] right = [.. sample.Values.Select((value, token) => (value, token)).Where(at => at.value != ListOpsSample.NoValue).Select(at => told[at.token] == at.value)];
                correct.Add(right[^1] ? 1 : 0);
                lists.Add(right.SkipLast(1).Average(one => one ? 1.0 : 0.0));
            }
        }
        return ([.. correct], [.. lists]);
    }

    /// <summary>[B, longest], filled up behind the shorter ones.</summary>
    private static Tensor Rows(IEnumerable<IReadOnlyList<int>> rows, int filling)
    {
        IReadOnlyList<int>[] all = [.. rows];
        int longest = all.Max(row => row.Count);
        return tensor(all.SelectMany(row => row.Concat(Enumerable.Repeat(filling, longest - row.Count))).Select(id => (long)id).ToArray()).view(all.Length, longest);
    }

    private int SeedOf(int number) => unchecked((seed * 1_000_003) ^ (number * 7_919 + 17));
}
