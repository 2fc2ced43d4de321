using System.Numerics.Tensors;

namespace RetrievalAttention.Answering;

/// <summary>Chooses the next token from scores. Deterministic for a seed.</summary>
public sealed class Sampler(AnsweringOptions options)
{
    private readonly Random _random = new(options.Seed);

    /// <param name="logits">[V], changed in place by the repetition penalty (Keskar et al. 2019, CTRL).</param>
    /// <param name="written">Ids written so far.</param>
    public int Next(Span<float> logits, IReadOnlyCollection<int> written)
    {
        foreach (int id in written.Distinct())
        {
            logits[id] = logits[id] > 0 ? logits[id] / (float)options.RepetitionPenalty : logits[id] * (float)options.RepetitionPenalty;
        }
        return options.Temperature == 0 ? TensorPrimitives.IndexOfMax(logits) : Sample(logits);
    }

    private int Sample(Span<float> logits)
    {
        TensorPrimitives.Divide(logits, (float)options.Temperature, logits);
        float[] probabilities = new float[logits.Length];
        TensorPrimitives.SoftMax(logits, probabilities);
        // What is rarer than this cannot belong to the nucleus: all of it together is less than what the nucleus leaves out.
        double least = (1 - options.TopP) / probabilities.Length;
        int[] order = [.. Enumerable.Range(0, probabilities.Length).Where(i => probabilities[i] >= least).OrderByDescending(i => probabilities[i])];

        // The nucleus (Holtzman et al. 2020): the likeliest tokens whose probabilities reach top-p.
        double inNucleus = 0;
        int size = 0;
        while (size < order.Length && inNucleus < options.TopP) inNucleus += probabilities[order[size++]];
        double drawn = _random.NextDouble() * inNucleus;
        for (int i = 0; i < size; i++)
        {
            drawn -= probabilities[order[i]];
            if (drawn <= 0) return order[i];
        }
        return order[size - 1];
    }
}
