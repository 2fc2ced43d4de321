using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>How likely the gold answer is, word for word.</summary>
internal static class AnswerMeasure
{
    public const string Name = "answers";

    public static ComparisonMeasure Measure { get; } = new(
        Name, "gold answers", MeasuredOn.Questions, [new("nll", "NLL, nats per token", LowerIsBetter: true), new("accuracy", "token accuracy"), new("exact", "all tokens right")], Of);

    private static CellResult? Of(QuestionRead read)
    {
        if (read.Question.Gold.Count == 0) return null;
        Tensor predictions = read.Predict(read.Question.Gold);
        Tensor gold = tensor(read.Question.Gold.Select(id => (long)id).ToArray(), device: predictions.device);
        double accuracy = predictions.argmax(1).eq(gold).to(float32).mean().item<float>();
        return new CellResult(new Dictionary<string, double>
        {
            ["nll"] = nn.functional.nll_loss(predictions, gold).item<float>(),
            ["accuracy"] = accuracy,
            ["exact"] = accuracy >= 1 ? 1 : 0,
        });
    }
}
