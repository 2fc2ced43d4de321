using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// Questions as JSONL: {id, document, question or question_unscoped, answers, evidence, char_offset, evidence_spans, explicit}. Other
/// fields are ignored. Spans are either {char_offset, text} or {char_offset, length}.
/// </summary>
public static class QuestionFile
{
    /// <summary>Reads the questions in file order.</summary>
    /// <exception cref="ProblemException">The file is missing or empty, a line is not such a question, or an id occurs twice.</exception>
    public static IReadOnlyList<Question> Read(string path)
    {
        var questions = new List<Question>();
        var lineOfId = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonLine line in JsonLine.ReadAll(path, "a file of questions, one JSON object a line"))
        {
            Question question = Parse(line);
            if (!lineOfId.TryAdd(question.Id, line.Number))
                throw line.Problem($"an id of its own ('{question.Id}' stands on line {lineOfId[question.Id]} already)");
            questions.Add(question);
        }
        if (questions.Count > 0) return questions;
        throw new ProblemException(ProblemKind.Document, $"'{path}' holds no question; one JSON object a line was expected.");
    }

    /// <summary>The evidence as ranges of the document.</summary>
    /// <param name="text">The whole decoded file, to which the offsets refer.</param>
    /// <param name="offsets">Of the same text; made once per document.</param>
    /// <exception cref="ProblemException">The evidence does not stand where the file says.</exception>
    public static IReadOnlyList<TextRange> Locate(Question question, string text, CodePointOffsets offsets) =>
        [.. question.Evidence.Select(evidence => Locate(question, evidence, text, offsets))];

    private static Question Parse(JsonLine line)
    {
        string? unscoped = line.OptionalText("question_unscoped");
        return new Question
        {
            Id = line.OptionalText("id") ?? $"line-{line.Number}",
            Document = line.Text("document"),
            Text = line.OptionalText("question") ?? unscoped ?? throw line.Problem("a text \"question\" or \"question_unscoped\""),
            UnscopedText = unscoped,
            Answers = line.OptionalTexts("answers") ?? (line.OptionalText("answer") is { } answer ? [answer] : []),
            Explicit = line.OptionalText("explicit") switch
            {
                null => null,
                "explicit" => true,
                "implicit" => false,
                _ => throw line.Problem("\"explicit\" to be \"explicit\" or \"implicit\""),
            },
            Evidence = ParseEvidence(line),
            Line = line.Number,
        };
    }

    /// <summary>The spans where there are any, for they say it all; otherwise the quoted evidence at its offset.</summary>
    private static IReadOnlyList<Evidence> ParseEvidence(JsonLine line)
    {
        string? quoted = line.OptionalText("evidence");
        Evidence[] spans = [.. line.Objects("evidence_spans").Select(ParseSpan)];
        if (spans.Length > 0) return spans;
        return quoted is not null && line.OptionalCount("char_offset") is { } offset ? [new Evidence(offset, LengthOf(quoted), quoted)] : [];
    }

    private static Evidence ParseSpan(JsonLine span)
    {
        int offset = span.OptionalCount("char_offset") ?? throw span.Problem("\"char_offset\" in every span of evidence");
        string? text = span.OptionalText("text");
        int length = text is not null ? LengthOf(text) : span.OptionalCount("length") ?? throw span.Problem("\"text\" or \"length\" in every span of evidence");
        return new Evidence(offset, length, text);
    }

    private static int LengthOf(string text) => new CodePointOffsets(text).Count;

    private static TextRange Locate(Question question, Evidence evidence, string text, CodePointOffsets offsets)
    {
        if ((long)evidence.Offset + evidence.Length > offsets.Count)
        {
            throw new ProblemException(ProblemKind.Document,
                $"The evidence of question '{question.Id}' (line {question.Line}) ends at character {(long)evidence.Offset + evidence.Length}, but '{question.Document}' "
                + $"has {offsets.Count}. The questions were written for another version of the document.");
        }
        var range = new TextRange(offsets.ToUtf16(evidence.Offset), offsets.ToUtf16(evidence.Offset + evidence.Length));
        string found = text[range.Start..range.End];
        if (evidence.Text is null || evidence.Text == found) return range;
        throw new ProblemException(ProblemKind.Document,
            $"The evidence of question '{question.Id}' (line {question.Line}) was expected at character {evidence.Offset} of '{question.Document}', but there stands "
            + $"\"{found}\". The questions were written for another version of the document.");
    }
}
