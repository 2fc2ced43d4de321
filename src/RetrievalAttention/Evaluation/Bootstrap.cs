namespace RetrievalAttention.Evaluation;

/// <summary>
/// How far a mean over questions can be trusted: percentile bootstrap (Efron 1979). Questions are drawn with replacement, so the
/// interval is about other questions of the same kind, not about other kinds.
/// </summary>
public static class Bootstrap
{
    private const int Resamples = 10_000;
    private const double Confidence = 0.95;

    /// <summary>Mean with its 95 % interval.</summary>
    /// <param name="values">One value per question.</param>
    /// <param name="random">Seeded by the caller, so that a report can be repeated.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Interval Mean(IReadOnlyList<double> values, Random random)
    {
        if (values.Count == 0) throw new ArgumentException("A mean needs at least one value.", nameof(values));
        var means = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
        {
            double sum = 0;
            for (int j = 0; j < values.Count; j++) sum += values[random.Next(values.Count)];
            means[i] = sum / values.Count;
        }
        Array.Sort(means);
        return new Interval(values.Average(), Quantile(means, (1 - Confidence) / 2), Quantile(means, (1 + Confidence) / 2));
    }

    /// <summary>Mean of first − second with its 95 % interval, pair by pair: both saw the same questions in the same order.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static Interval Difference(IReadOnlyList<double> first, IReadOnlyList<double> second, Random random)
    {
        if (first.Count != second.Count) throw new ArgumentException($"Pairs are needed, but there are {first.Count} and {second.Count} values.", nameof(second));
        return Mean([.. first.Zip(second, (a, b) => a - b)], random);
    }

    /// <summary>Linear between neighbours, as NumPy's default.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }
}

/// <summary>A mean and the interval that holds it with 95 % confidence.</summary>
public readonly record struct Interval(double Mean, double Low, double High)
{
    /// <summary>The interval leaves 0 out: a difference that chance does not explain.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
