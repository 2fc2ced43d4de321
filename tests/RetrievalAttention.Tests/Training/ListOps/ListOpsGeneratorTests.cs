using RetrievalAttention.Training.ListOps;

namespace RetrievalAttention.Tests.Training.ListOps;

public class ListOpsGeneratorTests
{
    [Theory]
    [InlineData(0, new[] { 2, 9, 4 }, 9)]
    [InlineData(1, new[] { 2, 9, 4 }, 2)]
    [InlineData(2, new[] { 9, 2, 4 }, 4)]
    [InlineData(2, new[] { 9, 2, 4, 7 }, 5)]
    [InlineData(3, new[] { 9, 2, 4 }, 5)]
    public void OperatorsAreThoseOfListOps(int operation, int[] elements, int value) => Assert.Equal(value, ListOpsGenerator.Evaluate(operation, elements));

    [Fact]
    public void ExpressionsAreNestedWithinTheLengthsAndTheirValuesAreRight()
    {
        ListOpsGenerator generator = new(30, 60);
        Random random = new(1);
        int lists = 0, deepest = 0;
        for (int i = 0; i < 200; i++)
        {
            ListOpsSample sample = generator.Next(random);
            Assert.InRange(sample.Tokens.Count, 30, 60);
            Assert.Equal(sample.Tokens.Count, sample.Values.Count);
            Stack<List<int>> open = new();
            int depth = 0;
            foreach ((int token, int value) in sample.Tokens.SkipLast(1).Zip(sample.Values))
            {
                if (token == ListOpsTokens.Close)
                {
                    List<int> list = open.Pop();
                    Assert.Equal(ListOpsGenerator.Evaluate(list[0] - ListOpsTokens.Digits, list[1..]), value);
                    if (open.TryPeek(out List<int>? outer)) outer.Add(value);
                    lists++;
                    continue;
                }
                Assert.Equal(ListOpsSample.NoValue, value);
                if (token < ListOpsTokens.Digits) open.Peek().Add(token);
                else open.Push([token]);
                depth = Math.Max(depth, open.Count);
            }
            Assert.Empty(open);
            Assert.Equal((ListOpsTokens.End, sample.Values[^2]), (sample.Tokens[^1], sample.Answer));
            deepest = Math.Max(deepest, depth);
        }
        Assert.True(lists > 1000, $"only {lists} lists");
        Assert.InRange(deepest, 4, 10);
    }

    [Fact]
    public void TheSameSeedGivesTheSameExpression() =>
        Assert.Equal(ListOpsTokens.Text(new ListOpsGenerator(30, 60).Next(new Random(4)).Tokens), ListOpsTokens.Text(new ListOpsGenerator(30, 60).Next(new Random(4)).Tokens));
}
