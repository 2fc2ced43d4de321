using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class BootstrapTests
{
    [Fact]
    public void TheIntervalOfANormalSampleIsTheTextbookOne()
    {
        var random = new Random(7);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)];
        double mean = values.Average();
        double error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length / values.Length);
        Interval interval = Bootstrap.Mean(values, new Random(1));
        Assert.Equal(mean, interval.Mean, 12);
        Assert.InRange(interval.Low, mean - (2.06 * error), mean - (1.86 * error));
        Assert.InRange(interval.High, mean + (1.86 * error), mean + (2.06 * error));
    }

    [Fact]
    public void TheSameSeedGivesTheSameInterval() =>
        Assert.Equal(Bootstrap.Mean([1, 2, 3, 10], new Random(5)), Bootstrap.Mean([1, 2, 3, 10], new Random(5)));

    [Fact]
    public void PairsAreComparedPairByPair()
    {
        double[] hard = [1, 5, 9, 2, 7, 4];
        Interval interval = Bootstrap.Difference([.. hard.Select(value => value - 0.1)], hard, new Random(3));
        Assert.Equal(-0.1, interval.Mean, 9);
        Assert.True(interval.ExcludesZero);
        Assert.False(Bootstrap.Difference([1, 2, 3], [2, 1, 3], new Random(3)).ExcludesZero);
    }

    [Fact]
    public void ListsThatAreNotPairsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Bootstrap.Difference([1], [1, 2], new Random(3)));
        Assert.Throws<ArgumentException>(() => Bootstrap.Mean([], new Random(3)));
    }
}
