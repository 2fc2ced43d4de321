using CsCheck;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class WordComparisonTests
{
    [Fact]
    public void EqualTextsAgreeWhateverTheirLigaturesAndCase()
    {
        WordComparison.Result result = WordComparison.Compare("The eﬃcient of\u00ADfice, 12 times", "the efficient OFFICE 12 times");
        Assert.Equal((1.0, 0.0, 1.0), (result.F1, result.OrderError, result.ProseF1));
    }

    [Fact]
    public void MissingAndExtraWordsAndWrongOrderCost()
    {
        WordComparison.Result result = WordComparison.Compare("b a c x", "a b c d e");
        Assert.Equal(0.75, result.Precision);
        Assert.Equal(0.6, result.Recall);
        Assert.Equal(0.6, result.OrderError, 12);
    }

    [Fact]
    public void BitParallelSubsequenceEqualsTheTable() => Gen.Select(
        Gen.Int[0, 6].Select(i => i.ToString()).Array[0, 200], Gen.Int[0, 6].Select(i => i.ToString()).Array[0, 200]).Sample(
        (a, b) => WordComparison.LongestCommonSubsequence(a, b) == ByTable(a, b), iter: 200);

    private static int ByTable(string[] a, string[] b)
    {
        var length = new int[a.Length + 1, b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                length[i, j] = a[i - 1] == b[j - 1] ? length[i - 1, j - 1] + 1 : Math.Max(length[i - 1, j], length[i, j - 1]);
            }
        }
        return length[a.Length, b.Length];
    }
}
