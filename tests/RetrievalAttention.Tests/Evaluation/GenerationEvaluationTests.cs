using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class GenerationEvaluationTests
{
    [Fact]
    public void ForeignQuestionsBeginAgainAtTheEndOfTheFile()
    {
        Question[] all = [.. ((string[])["a.txt", "b.txt", "b.txt"]).Select((document, i) => new Question { Id = $"q{i}", Document = document, Text = "Who?", Answers = [], Evidence = [], Line = i + 1 })];
        Assert.Equal("q1", GenerationEvaluation.Foreign(all, 0, "/books/a.txt")?.Id);
        Assert.Equal("q0", GenerationEvaluation.Foreign(all, 1, "/books/b.txt")?.Id);
        Assert.Equal("q2", GenerationEvaluation.Foreign(all, 5, "/books/a.txt")?.Id);
        Assert.Null(GenerationEvaluation.Foreign(all[1..], 1, "/books/b.txt"));
        Assert.Null(GenerationEvaluation.Foreign([], 1, "/books/b.txt"));
    }
}
