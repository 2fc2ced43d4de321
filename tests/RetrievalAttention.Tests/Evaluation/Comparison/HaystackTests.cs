using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Synthetic;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

public class HaystackTests
{
    private static readonly Haystack Story = new(
        DocumentReaders.All.Read(Path.Combine(Shipped.Root, "corpora", "the-red-headed-league.sample.txt"), new ReadingOptions(), null, CancellationToken.None), Shipped.Model.Tokenizer, longest: 20_000);

    [Theory]
    [InlineData(1_000)]
    [InlineData(4_000)]
    [InlineData(20_000)]
    public void TheNeedlesStandWhereTheEvidenceSaysAndTheLengthIsKept(int length)
    {
        int examined = 0;
        for (int number = 0; number < 5; number++)
        {
            HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, length, number, seed: 1);
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
        Assert.Equal(5 * SyntheticTasks.All.Count, examined);
    }

    [Fact]
    public void TheFirstOfTwoThingsStandsFirst()
    {
        for (int number = 0; number < 20; number++)
        {
            HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, 2048, number, seed: 3);
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
            HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, 2048, number, seed: 5);
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
        HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, 2048, 0, seed: 5);
        AnswerCase asked = hidden.Questions.Single(question => question.Kind.Task == "frequent").Case;
        string[] shouts = [.. asked.Evidence.Select(range => hidden.Document.Text[range.Start..range.End])];
        Assert.Equal(14, shouts.Length);
        Assert.Equal(8, shouts.Count(shout => shout.Contains(asked.Answer)));
    }

    [Fact]
    public void TheSameSeedHidesTheSameAndAnotherDoesNot()
    {
        string Text(int number, int seed) => Story.Hide(SyntheticTasks.All, 1_000, number, seed).Document.Text;
        Assert.Equal(Text(0, 1), Text(0, 1));
        Assert.NotEqual(Text(0, 1), Text(1, 1));
        Assert.NotEqual(Text(0, 1), Text(0, 2));
    }

    [Fact]
    public void EveryChainOfVariablesLeadsToItsValueAndNoTwoTasksShareAName()
    {
        HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, 4_000, 0, seed: 7);
        HashSet<string> names = [];
        foreach (int hops in (int[])[1, 2, 4])
        {
            AnswerCase asked = hidden.Questions.Single(question => question.Kind.Task == $"variables-{hops}").Case;
            string[] chain = [.. asked.Evidence.Select(range => hidden.Document.Text[range.Start..range.End])];
            Assert.Equal(hops + 1, chain.Length);
            Assert.EndsWith($"= {asked.Answer}.", chain[0]);
            string[] defined = [.. chain.Select(line => line.Split(' ')[1])];
            for (int hop = 1; hop <= hops; hop++) Assert.EndsWith($"= VAR {defined[hop - 1]}.", chain[hop]);
            Assert.Contains($"VAR {defined[^1]}?", asked.Question);
            Assert.All(defined, name => Assert.True(names.Add(name), $"{name} stands in two chains"));
        }
    }

    [Fact]
    public void TheCommonWordStandsInEveryListAndNoOtherInTwo()
    {
        HiddenNeedles hidden = Story.Hide(SyntheticTasks.All, 4_000, 0, seed: 7);
        AnswerCase asked = hidden.Questions.Single(question => question.Kind.Task == "common").Case;
        string[] words = [.. asked.Evidence.SelectMany(range => hidden.Document.Text[range.Start..range.End].Split(": ")[1].TrimEnd('.').Split(", "))];
        Assert.Equal(12, words.Length);
        Assert.Equal(asked.Answer, words.CountBy(word => word).Single(count => count.Value == 4).Key);
        Assert.Equal(9, words.Distinct().Count());
    }

    [Fact]
    public void ATextWithoutRoomForTheNeedlesIsSaid()
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => Story.Hide(SyntheticTasks.All, 300, 0, 1));
        Assert.Contains("300", problem.Message);
    }
}
