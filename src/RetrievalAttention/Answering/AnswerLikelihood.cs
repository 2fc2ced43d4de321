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
    /// <param name="tap">Watches the attention of both.</param>
    /// <param name="bias">Added to the scores of what comes before; null for plain attention.</param>
    public static AnswerLikelihood Measure(LoadedModel model, AttentionContext context, IReadOnlyList<int> prompt, IReadOnlyList<int> answer, IAttentionTap? tap = null, IAttentionBias? bias = null)
    {
        using var scope = NewDisposeScope();
        long[] ids = [.. prompt.Concat(answer).Select(id => (long)id)];
        Tensor hidden = model.Decoder.Forward(tensor(ids), context, tap, bias: bias);
        Tensor logits = model.Decoder.Logits(hidden[(prompt.Count - 1)..^1]);
        Tensor targets = tensor(ids[prompt.Count..], device: logits.device);
        double nll = nn.functional.cross_entropy(logits, targets).item<float>();
        double accuracy = logits.argmax(1).eq(targets).to(float32).mean().item<float>();
        return new AnswerLikelihood(nll, accuracy);
    }

    /// <summary>How likely an answer to a question is with blocks of a shelf in memory and others quoted; null for an empty answer.</summary>
    /// <param name="attended">In the order in which they are packed.</param>
    /// <param name="quoted">In the order in which they are read.</param>
    public static AnswerLikelihood? Measure(LoadedModel model, MemoryShelf shelf, UserQuestion question, IReadOnlyList<int> attended, IReadOnlyList<int> quoted, string answer)
    {
        int[] ids = [.. model.Tokenizer.Encode(answer).Select(token => token.Id)];
        if (ids.Length == 0) return null;
        Prompt prompt = QuestionPrompt.Build(model, question, Answerer.Quotations(shelf, quoted));
        using AttentionContext context = model.Header.NewContext(attended.Count * KvCodec.BlockTokens + prompt.Ids.Count + ids.Length);
        shelf.Append(context, model.Decoder, attended);
        return Measure(model, context, prompt.Ids, ids);
    }

    /// <summary>Mean log-probability of an answer to the question alone and what was said before it, without any of a document; 0 for an empty one.</summary>
    public static double ClosedBook(LoadedModel model, UserQuestion question, IReadOnlyList<int> answer)
    {
        if (answer.Count == 0) return 0;
        Prompt prompt = QuestionPrompt.Build(model, question, []);
        using AttentionContext context = model.Header.NewContext(prompt.Ids.Count + answer.Count);
        return -Measure(model, context, prompt.Ids, answer).MeanNll;
    }
}
