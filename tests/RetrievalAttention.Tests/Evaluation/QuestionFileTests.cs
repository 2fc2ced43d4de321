using RetrievalAttention.Evaluation;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Evaluation;

public class QuestionFileTests
{
    [Fact]
    public void QuotedEvidenceCountsCodePoints()
    {
        const string text = "😀😀 The key is under the mat.";
        Question question = Read("""{"id": "a", "document": "d.txt", "question": "Where?", "answers": ["under the mat"], "evidence": "under the mat", "char_offset": 14}""")[0];
        TextRange range = Assert.Single(QuestionFile.Locate(question, text, new CodePointOffsets(text)));
        Assert.Equal("under the mat", text[range.Start..range.End]);
        Assert.Equal(16, range.Start);
    }

    [Fact]
    public void SpansComeBeforeTheQuotedEvidence()
    {
        Question question = Read("""
            {"document": "d", "question": "Why?", "evidence": "ab", "char_offset": 0, "evidence_spans": [{"char_offset": 0, "text": "ab"}, {"char_offset": 4, "length": 2}]}
            """)[0];
        Assert.Equal([new Evidence(0, 2, "ab"), new Evidence(4, 2, null)], question.Evidence);
        Assert.Equal([new TextRange(0, 2), new TextRange(4, 6)], QuestionFile.Locate(question, "ab..cd", new CodePointOffsets("ab..cd")));
    }

    [Fact]
    public void AbsentFieldsHaveMeanings()
    {
        Question question = Read("\n" + """{"document": "d", "question_unscoped": "Who?", "answer": "she", "explicit": "implicit", "evidence": null}""")[0];
        Assert.Equal("line-2", question.Id);
        Assert.Equal("Who?", question.Text);
        Assert.Equal("Who?", question.UnscopedText);
        Assert.Equal(["she"], question.Answers);
        Assert.False(question.Explicit);
        Assert.Empty(question.Evidence);
    }

    [Theory]
    [InlineData("{", "one JSON object")]
    [InlineData("[1]", "one JSON object")]
    [InlineData("""{"question": "q", "answers": []}""", "\"document\"")]
    [InlineData("""{"document": "d", "answers": []}""", "\"question\"")]
    [InlineData("""{"document": 4, "question": "q"}""", "\"document\" to be a text")]
    [InlineData("""{"document": "d", "question": "q", "answers": "x"}""", "\"answers\" to be a list of texts")]
    [InlineData("""{"document": "d", "question": "q", "evidence": "e", "char_offset": -1}""", "at least 0")]
    [InlineData("""{"document": "d", "question": "q", "evidence_spans": [{"length": 3}]}""", "\"char_offset\" in every span")]
    [InlineData("""{"document": "d", "question": "q", "evidence_spans": [{"char_offset": 3}]}""", "\"text\" or \"length\"")]
    [InlineData("""{"document": "d", "question": "q", "explicit": "maybe"}""", "\"explicit\" to be")]
    [InlineData("""{"id": "first", "document": "d", "question": "q"}""", "an id of its own")]
    public void ABadLineIsNamedWithWhatItNeeds(string line, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("questions.jsonl", """{"id": "first", "document": "d", "question": "q"}""" + "\n\n" + line + "\n");
        ProblemException problem = Assert.Throws<ProblemException>(() => QuestionFile.Read(path));
        Assert.Contains($"Line 3 of '{path}'", problem.Message, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesThatAreNotUtf8AreRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("questions.jsonl", "");
        File.WriteAllBytes(path, [.. "{\"document\": \"d\", \"question\": \""u8, 0xFF, .. "\"}"u8]);
        ProblemException problem = Assert.Throws<ProblemException>(() => QuestionFile.Read(path));
        Assert.Contains("UTF-8", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyOrMissingFileIsAProblem()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("holds no question", Assert.Throws<ProblemException>(() => QuestionFile.Read(folder.Write("empty.jsonl", "\n"))).Message, StringComparison.Ordinal);
        Assert.Equal(ProblemKind.NotFound, Assert.Throws<ProblemException>(() => QuestionFile.Read(Path.Combine(folder.Root, "none.jsonl"))).Kind);
    }

    [Theory]
    [InlineData("The mat is under the key, I believe.")]
    [InlineData("Short.")]
    public void EvidenceOfAnotherVersionOfTheDocumentIsRefused(string text)
    {
        Question question = Read("""{"id": "a", "document": "d.txt", "question": "Where?", "evidence": "under the mat", "char_offset": 8}""")[0];
        ProblemException problem = Assert.Throws<ProblemException>(() => QuestionFile.Locate(question, text, new CodePointOffsets(text)));
        Assert.Contains("another version", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EverySharedQuestionResolvesInItsDocument()
    {
        string root = Shipped.Data("qa");
        int questions = 0;
        int located = 0;
        foreach (string file in Directory.EnumerateFiles(root, "*.jsonl"))
        {
            foreach (IGrouping<string, Question> ofDocument in QuestionFile.Read(file).GroupBy(question => question.Document))
            {
                string text = File.ReadAllText(Shipped.Data(ofDocument.Key));
                var offsets = new CodePointOffsets(text);
                foreach (Question question in ofDocument)
                {
                    questions++;
                    located += QuestionFile.Locate(question, text, offsets).Count;
                }
            }
        }
        Assert.True(questions > 0 && located > 0, $"{questions} questions, {located} stretches of evidence");
        TestContext.Current.SendDiagnosticMessage($"{questions} questions, {located} stretches of evidence");
    }

    private static IReadOnlyList<Question> Read(string content)
    {
        using var folder = new TemporaryFolder();
        return QuestionFile.Read(folder.Write("questions.jsonl", content));
    }
}
