using RetrievalAttention.Answering.Writing;

namespace RetrievalAttention.Tests.Answering.Writing;

public class RepetitionControlTests
{
    private static readonly int[] Names = [1, 2, 3];

    [Fact]
    public void NamesAreNeverForbiddenNorPenalised()
    {
        RepetitionControl control = new(new WritingOptions { NoRepeatTokens = 3 }, IsName);
        Random random = new(2);
        int forbidden = 0;
        for (int i = 0; i < 2000; i++)
        {
            float[] scores = new float[12];
            control.Forbid(scores);
            Assert.All(Names, name => Assert.Equal(0, scores[name]));
            Assert.DoesNotContain(control.Penalised, Names.Contains);
            forbidden += scores.Count(float.IsNegativeInfinity);
            control.Add(random.Next(12));
        }
        Assert.True(forbidden > 1000, $"only {forbidden} tokens were forbidden");
    }

    [Fact]
    public void ARunOfOtherTokensDoesNotComeTwice()
    {
        RepetitionControl control = new(new WritingOptions { NoRepeatTokens = 4 }, IsName);
        foreach (int id in (int[])[5, 6, 7, 8, 5, 6, 7]) control.Add(id);
        Assert.Equal([8], control.Forbidden);
        control.Add(9);
        Assert.Empty(control.Forbidden);
    }

    [Fact]
    public void ANameMayEndARunAgainAndAgain()
    {
        RepetitionControl control = new(new WritingOptions { NoRepeatTokens = 3 }, IsName);
        foreach (int id in (int[])[5, 6, 1, 5, 6]) control.Add(id);
        Assert.Empty(control.Forbidden);
    }

    [Fact]
    public void AStutterOfNamesEnds()
    {
        RepetitionControl control = new(new WritingOptions { NoRepeatTokens = 3 }, IsName);
        for (int i = 0; i < 7; i++) control.Add(1 + i % 2);
        Assert.Equal([2], control.Forbidden.Distinct());
    }

    [Fact]
    public void OffMeansOff()
    {
        RepetitionControl control = new(new WritingOptions { NoRepeatTokens = 0 }, (_, _) => false);
        foreach (int id in (int[])[5, 5, 5, 5, 5, 5]) control.Add(id);
        Assert.Empty(control.Forbidden);
    }

    private static bool IsName(IReadOnlyList<int> before, int next) => Names.Contains(next);
}
