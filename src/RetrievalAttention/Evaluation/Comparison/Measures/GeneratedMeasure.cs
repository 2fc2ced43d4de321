namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>The answer that the model writes by itself: always the likeliest token, and short, as the prompt asks for.</summary>
internal static class GeneratedMeasure
{
    private const int MostTokens = 16;

    public static ComparisonMeasure Measure { get; } = new(
        "generated", "answers as they are written", MeasuredOn.Questions, [new("f1", "token F1"), new("exactMatch", "exact match")], Of)
    { LeavesOut = [Dear.EachToken] };

    private static CellResult? Of(QuestionRead read)
    {
        string gold = read.Question.Case.Answer;
        if (gold.Length == 0) return null;
        string written = read.Question.Model.Tokenizer.Decode(read.Write(MostTokens)).Trim();
        return new CellResult(new Dictionary<string, double>
        {
            ["f1"] = AnswerMetrics.F1(written, [gold]),
            ["exactMatch"] = AnswerMetrics.ExactMatch(written, [gold]),
        })
        { Written = written };
    }
}
