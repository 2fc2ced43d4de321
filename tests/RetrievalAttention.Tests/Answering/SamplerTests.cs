using RetrievalAttention.Answering;

namespace RetrievalAttention.Tests.Answering;

public class SamplerTests
{
    private static readonly float[] Logits = [0.5f, 3f, 2.9f, -1f];

    [Fact]
    public void TemperatureZeroTakesTheLikeliest() => Assert.Equal(1, new Sampler(new AnsweringOptions()).Next([.. Logits], []));

    [Fact]
    public void ThePenaltyLowersWhatWasWritten() =>
        Assert.Equal(2, new Sampler(new AnsweringOptions { RepetitionPenalty = 1.2 }).Next([.. Logits], [1]));

    [Fact]
    public void ThePenaltyLowersNegativeScoresToo()
    {
        float[] logits = [-1f, -1.1f];
        Assert.Equal(1, new Sampler(new AnsweringOptions { RepetitionPenalty = 1.5 }).Next(logits, [0]));
    }

    [Fact]
    public void ASeedGivesTheSameTokensAgain()
    {
        AnsweringOptions options = new() { Temperature = 1, Seed = 7 };
        int[] Draw()
        {
            Sampler sampler = new(options);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Next([.. Logits], []))];
        }
        int[] first = Draw();
        Assert.Equal(first, Draw());
        Assert.True(first.Distinct().Count() > 1, "50 draws at temperature 1 were all the same");
    }

    [Fact]
    public void TopPKeepsOnlyTheNucleus()
    {
        Sampler sampler = new(new AnsweringOptions { Temperature = 1, TopP = 0.9 });
        int[] drawn = [.. Enumerable.Range(0, 500).Select(_ => sampler.Next([.. Logits], []))];
        Assert.Equal([1, 2], drawn.Distinct().Order());
    }

    [Fact]
    public void DrawsFollowTheProbabilities()
    {
        Sampler sampler = new(new AnsweringOptions { Temperature = 1 });
        float[] logits = [0, MathF.Log(3)];
        int ones = Enumerable.Range(0, 2000).Count(_ => sampler.Next([.. logits], []) == 1);
        Assert.InRange(ones / 2000.0, 0.7, 0.8);
    }
}
