using RetrievalAttention.Evaluation;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Evaluation;

public class CalibrationQuestionsTests
{
    private static readonly string Folder = Path.Combine(Shipped.Root, "corpora", "calibration");

    private static readonly IReadOnlyList<Question> Questions = QuestionFile.Read(Path.Combine(Folder, "questions.jsonl"));

    public static TheoryData<string> Documents => [.. Questions.Select(question => question.Document).Distinct()];

    [Fact]
    public void ThereAreAtLeastSixtyFourQuestionsWithAnAnswerAndOneEvidence()
    {
        Assert.True(Questions.Count >= 64, $"{Questions.Count} questions");
        Assert.All(Questions, question =>
        {
            Assert.NotEmpty(question.Answers);
            Assert.NotNull(Assert.Single(question.Evidence).Text);
        });
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void EveryEvidenceStandsWhereTheFileSaysAndOnlyThere(string document)
    {
        string text = File.ReadAllText(Path.Combine(Folder, document));
        var offsets = new CodePointOffsets(text);
        Question[] questions = [.. Questions.Where(question => question.Document == document)];
        Assert.NotEmpty(questions);
        foreach (Question question in questions)
        {
            TextRange range = Assert.Single(QuestionFile.Locate(question, text, offsets));
            string evidence = text[range.Start..range.End];
            Assert.Equal(-1, text.IndexOf(evidence, range.Start + 1, StringComparison.Ordinal));
            Assert.Equal(range.Start, text.IndexOf(evidence, StringComparison.Ordinal));
        }
        TestContext.Current.SendDiagnosticMessage($"{document}: {questions.Length} questions");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void EveryFifthOfADocumentIsAskedAbout(string document)
    {
        string text = File.ReadAllText(Path.Combine(Folder, document));
        int[] fifths = [.. Questions.Where(question => question.Document == document).Select(question => (int)(5L * question.Evidence[0].Offset / text.Length)).Distinct().Order()];
        Assert.Equal([0, 1, 2, 3, 4], fifths);
    }
}
