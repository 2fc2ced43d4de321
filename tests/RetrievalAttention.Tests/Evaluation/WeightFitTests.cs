using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class WeightFitTests
{
    [Fact]
    public void TheSignalThatIsRightMoreOftenWeighsMore()
    {
        Random random = new(5);
        List<WeightExample> examples = [];
        for (int question = 0; question < 200; question++)
        {
            double[] words = [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble())], vectors = [.. words.Select(_ => random.NextDouble())];
            // Words put the relevant item first four times out of five, vectors one time out of two.
            if (random.NextDouble() < 0.8) words[7] = 1.2;
            if (random.NextDouble() < 0.5) vectors[7] = 1.2;
            examples.Add(WeightExample.Of([Signal.Of(SignalKind.Words, words), Signal.Of(SignalKind.Vectors, vectors)], new HashSet<long> { 7 }));
        }
        SignalWeights weights = WeightFit.Of(examples);
        Assert.True(weights.Words > weights.Vectors && weights.Vectors > 0.5, weights.ToString());
        Assert.Equal(0, weights.Attention);
    }

    [Fact]
    public void HalvesAreEvenAndStay()
    {
        Assert.InRange(Enumerable.Range(0, 2_000).Count(i => QuestionSplit.HalfOf($"q{i}") == 0), 900, 1_100);
        Assert.Equal(QuestionSplit.HalfOf("hand-treasure-island-01"), QuestionSplit.HalfOf("hand-treasure-island-01"));
    }

    [Fact]
    public void NothingRelevantIsSaid() => Assert.Throws<ProblemException>(() => WeightFit.Of([]));
}
