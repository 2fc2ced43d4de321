using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <summary>How likely a given answer is after a prompt.</summary>
/// <param name="MeanNll">Mean negative log-probability per token, in nats.</param>
/// <param name="Accuracy">Share of tokens that are the model's first choice.</param>
public readonly record struct AnswerLikelihood(double MeanNll, double Accuracy)
{
    /// <param name="context">What comes before; the prompt and the answer are run behind it.</param>
    public static AnswerLikelihood Measure(LoadedModel model, AttentionContext context, IReadOnlyList<int> prompt, IReadOnlyList<int> answer)
    {
        using var scope = NewDisposeScope();
        long[] ids = [.. prompt.Concat(answer).Select(id => (long)id)];
        Tensor hidden = model.Decoder.Forward(tensor(ids), context);
        Tensor logits = model.Decoder.Logits(hidden[(prompt.Count - 1)..^1]);
        Tensor targets = tensor(ids[prompt.Count..], device: logits.device);
        double nll = nn.functional.cross_entropy(logits, targets).item<float>();
        double accuracy = logits.argmax(1).eq(targets).to(float32).mean().item<float>();
        return new AnswerLikelihood(nll, accuracy);
    }
}
