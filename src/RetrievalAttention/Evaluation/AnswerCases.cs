using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation;

/// <summary>One question with its gold answer and its evidence, as ranges of the document's text.</summary>
public sealed record AnswerCase(string Id, string Question, string Answer, IReadOnlyList<TextRange> Evidence);

/// <summary>Questions of a file brought to a document that was read.</summary>
public static class AnswerCases
{
    /// <param name="scoped">Use the wording that names the part of the document, where there are two.</param>
    /// <exception cref="ProblemException">Evidence does not stand where the file says, or in a part of the file that is not read.</exception>
    public static IEnumerable<AnswerCase> Of(Document document, IEnumerable<Question> questions, bool scoped)
    {
        // Offsets of question files count from the start of the decoded file, which may have a header that is left out.
        string whole = document.SourceOffset is null ? document.Text : DecodedText.From(File.ReadAllBytes(document.Path), document.Path).Text;
        CodePointOffsets offsets = new(whole);
        int shift = document.SourceOffset ?? 0;
        foreach (Question question in questions)
        {
            TextRange[] evidence = [.. QuestionFile.Locate(question, whole, offsets).Select(range => new TextRange(range.Start - shift, range.End - shift))];
            if (evidence.Any(range => range.Start < 0 || range.End > document.Text.Length))
            {
                throw new ProblemException(ProblemKind.Document, $"The evidence of question '{question.Id}' (line {question.Line}) stands in the front or back matter of '{question.Document}', which is not read.");
            }
            yield return new AnswerCase(question.Id, scoped ? question.Text : question.UnscopedText ?? question.Text, question.Answers.FirstOrDefault() ?? "", evidence);
        }
    }
}
