using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Synthetic;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

public class HaystackTests
{
    private static readonly Haystack Story = new(
        DocumentReaders.All.Read(Path.Combine(Shipped.Root, "corpora", "the-red-headed-league.sample.txt"), new ReadingOptions(), null, CancellationToken.None), Shipped.Model.Tokenizer);

    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    public void TheNeedlesStandWhereTheEvidenceSaysAndTheLengthIsKept(int length)
    {
        int examined = 0;
        for (int number = 0; number < 5; number++)
        {
            HiddenNeedles hidden = Story.Hide(SyntheticTask.All, length, number, seed: 1);
            int tokens = Shipped.Model.Tokenizer.Encode(hidden.Document.Text).Count;
            Assert.InRange(tokens, length * 0.97, length * 1.03);
            foreach ((AnswerCase asked, QuestionKind kind) in hidden.Questions)
            {
                string evidence = string.Join(" ", asked.Evidence.Select(range => hidden.Document.Text[range.Start..range.End]));
                Assert.Contains(kind.Task == "order" ? asked.Answer[4..] : asked.Answer, evidence, StringComparison.OrdinalIgnoreCase);
                Assert.Equal(length, kind.Length);
                examined++;
            }
        }
        Assert.Equal(5 * SyntheticTask.All.Count, examined);
    }

    [Fact]
    public void TheFirstOfTwoThingsStandsFirst()
    {
        for (int number = 0; number < 20; number++)
        {
            HiddenNeedles hidden = Story.Hide(SyntheticTask.All, 2048, number, seed: 3);
            AnswerCase order = hidden.Questions.Single(question => question.Kind.Task == "order").Case;
            string first = hidden.Document.Text[order.Evidence[0].Start..order.Evidence[0].End];
            Assert.True(order.Evidence[0].Start < order.Evidence[1].Start);
            Assert.Contains(order.Answer, first);
        }
    }

    [Fact]
    public void AQuestionInOtherWordsSharesNoneWithItsNeedle()
    {
        HashSet<string> seen = [];
        for (int number = 0; number < 40; number++)
        {
            HiddenNeedles hidden = Story.Hide(SyntheticTask.All, 2048, number, seed: 5);
            AnswerCase asked = hidden.Questions.Single(question => question.Kind.Task == "paraphrase").Case;
            string needle = hidden.Document.Text[asked.Evidence[0].Start..asked.Evidence[0].End];
            seen.Add(needle);
            IEnumerable<string> Telling(string text) => AnswerMetrics.Words(text).Where(word => !RetrievalAttention.Indexing.StopWords.Contains(word));
            Assert.Empty(Telling(asked.Question).Intersect(Telling(needle)));
        }
        Assert.Equal(6, seen.Count);
    }

    [Fact]
    public void TheMostFrequentWordIsTheAnswer()
    {
        AnswerCase asked = Story.Hide(SyntheticTask.All, 2048, 0, seed: 5).Questions.Single(question => question.Kind.Task == "frequent").Case;
        Assert.Equal(8, asked.Evidence.Count);
    }

    [Fact]
    public void TheSameSeedHidesTheSameAndAnotherDoesNot()
    {
        string Text(int number, int seed) => Story.Hide(SyntheticTask.All, 1024, number, seed).Document.Text;
        Assert.Equal(Text(0, 1), Text(0, 1));
        Assert.NotEqual(Text(0, 1), Text(1, 1));
        Assert.NotEqual(Text(0, 1), Text(0, 2));
    }

    [Fact]
    public void ABookThatIsTooShortIsSaid()
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => Story.Hide(SyntheticTask.All, 1_000_000, 0, 1));
        Assert.Contains("1,000,000", problem.Message);
    }
}
