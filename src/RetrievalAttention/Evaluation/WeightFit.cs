using RetrievalAttention.Answering.Finding;

namespace RetrievalAttention.Evaluation;

/// <summary>Candidates of one question: the heights that the signals gave them, and whether they are relevant.</summary>
/// <param name="Heights">[candidates][signals].</param>
public sealed record WeightExample(IReadOnlyList<double[]> Heights, IReadOnlyList<bool> Relevant)
{
    public static WeightExample Of(IReadOnlyList<Signal> signals, IReadOnlySet<long> relevant)
    {
        FusedItem[] candidates = [.. SignalFusion.Fuse(signals, SignalWeights.Default).Where(item => item.Places.Values.Any(place => place.Height > 0))];
        return new WeightExample(
            [.. candidates.Select(item => Enum.GetValues<SignalKind>().Select(kind => item.Places.TryGetValue(kind, out SignalPlace place) ? place.Height : 0).ToArray())],
            [.. candidates.Select(item => relevant.Contains(item.Id))]);
    }
}

/// <summary>
/// Fits the weights of the fusion: a conditional logit (McFadden 1974), in which the chance of a candidate is the softmax of its fused score over all
/// candidates of the question, and the chance of the relevant ones together is made as large as possible.
/// </summary>
public static class WeightFit
{
    private const int Steps = 500;

    /// <summary>Keeps weights finite where a signal is never wrong.</summary>
    private const double Shrinkage = 0.002;

    /// <exception cref="ProblemException">No question has a relevant candidate.</exception>
    public static SignalWeights Of(IReadOnlyList<WeightExample> examples)
    {
        WeightExample[] useful = [.. examples.Where(example => example.Relevant.Contains(true) && example.Relevant.Contains(false))];
        if (useful.Length == 0) throw new ProblemException(ProblemKind.NotFound, "No question has a relevant candidate; there is nothing to fit weights to.");
        double[] weights = new double[Enum.GetValues<SignalKind>().Length];
        for (int step = 0; step < Steps; step++)
        {
            double[] gradient = [.. weights.Select(weight => -Shrinkage * weight)];
            foreach (WeightExample example in useful) AddGradient(example, weights, gradient, 1.0 / useful.Length);
            // Heights lie between 0 and 1, so that the curvature is below 1 and this step is safe.
            for (int i = 0; i < weights.Length; i++) weights[i] = Math.Max(0, weights[i] + 4 * gradient[i]);
        }
        return new SignalWeights(weights[(int)SignalKind.Words], weights[(int)SignalKind.Vectors], weights[(int)SignalKind.Attention]);
    }

    /// <summary>Gradient of the log-probability of the relevant candidates: their mean heights, less those of all.</summary>
    private static void AddGradient(WeightExample example, double[] weights, double[] gradient, double share)
    {
        double[] chances = [.. example.Heights.Select(heights => Math.Exp(heights.Zip(weights, (height, weight) => height * weight).Sum()))];
        double all = chances.Sum();
        double relevant = chances.Where((_, i) => example.Relevant[i]).Sum();
        for (int candidate = 0; candidate < chances.Length; candidate++)
        {
            double pull = (example.Relevant[candidate] ? chances[candidate] / relevant : 0) - chances[candidate] / all;
            for (int i = 0; i < weights.Length; i++) gradient[i] += share * pull * example.Heights[candidate][i];
        }
    }
}
