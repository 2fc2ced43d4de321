using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class AnswerMetricsTests
{
    [Theory]
    [InlineData("The Duke, of Wellington!", "duke of wellington", 1, 1)]
    [InlineData("a fourpenny piece", "fourpenny piece each month", 0, 2.0 * 2 / 6)]
    [InlineData("seventy pounds", "a fourpenny piece", 0, 0)]
    [InlineData("no no no", "no no", 0, 2.0 * 2 / 5)]
    [InlineData("", "the", 1, 1)]
    [InlineData("", "gold", 0, 0)]
    [InlineData("308 分。", "308分", 1, 1)]
    [InlineData("第六", "排名第六", 0, 2.0 * 2 / 6)]
    [InlineData("ＡＢＣ", "abc", 1, 1)]
    public void OneAnswerAgainstAnother(string answer, string accepted, double exact, double f1)
    {
        Assert.Equal(exact, AnswerMetrics.ExactMatch(answer, [accepted]));
        Assert.Equal(f1, AnswerMetrics.F1(answer, [accepted]), 12);
    }

    [Fact]
    public void TheBestAcceptedAnswerCounts()
    {
        Assert.Equal(1, AnswerMetrics.ExactMatch("happy", ["satisfied", "content", "happy"]));
        Assert.Equal(1, AnswerMetrics.F1("happy", ["satisfied", "content", "happy"]));
    }

    [Fact]
    public void WithoutAcceptedAnswersThereIsNothingToMeasure()
    {
        Assert.Throws<ArgumentException>(() => AnswerMetrics.F1("x", []));
        Assert.Throws<ArgumentException>(() => AnswerMetrics.ExactMatch("x", []));
    }
}
