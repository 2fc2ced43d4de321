using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>One question by one method within one budget.</summary>
/// <param name="Nll">Mean negative log-probability of the gold answer's tokens, in nats.</param>
/// <param name="Accuracy">Share of its tokens that are the first choice.</param>
/// <param name="Seconds">Processor time of choosing, reading the question and the answer; without what is prepared once a document.</param>
/// <param name="AttendedTokens">Rows of the memory that a head attends to, mean over layers and heads, and tokens of quoted text.</param>
/// <param name="KeysCompared">Stored key vectors that were compared in order to choose.</param>
public readonly record struct CellResult(double Nll, double Accuracy, double Seconds, double AttendedTokens, long KeysCompared)
{
    /// <summary>Every token of the answer is the model's first choice.</summary>
    public bool Exact => Accuracy >= 1;
}

/// <summary>Measures a method on a question: header | what the method chose | question | gold answer.</summary>
public static class CellMeasurement
{
    /// <returns>Null where the method does not apply, or the answer has no token.</returns>
    public static CellResult? Measure(ComparisonMethod method, ComparedQuestion question, int budget)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        TimeSpan prepared = question.Document.PreparationTime;
        CellResult? result = null;
        TimeSpan spent = ProcessorTime.Own(() => result = Answer(method, question, budget));
        return result is { } measured ? measured with { Seconds = (spent - (question.Document.PreparationTime - prepared)).TotalSeconds } : null;
    }

    private static CellResult? Answer(ComparisonMethod method, ComparedQuestion question, int budget)
    {
        long[] answer = [.. question.Model.Tokenizer.Encode(question.Case.Answer).Select(token => (long)token.Id)];
        if (answer.Length == 0 || method.Plan(question, budget) is not { } plan) return null;
        Prompt prompt = QuestionPrompt.Build(question.Model, new UserQuestion(question.Case.Question), Answerer.Quotations(new MemoryShelf(question.Memory), plan.QuotedBlocks));
        Tensor predictions = Predict(question, plan, prompt, answer);
        Tensor targets = tensor(answer, device: predictions.device);
        return new CellResult(
            nn.functional.nll_loss(predictions, targets).item<float>(),
            predictions.argmax(1).eq(targets).to(float32).mean().item<float>(),
            Seconds: 0,
            plan.RowCount * plan.SeenShare + prompt.Quoted.Sum(quoted => quoted.End - quoted.Start),
            plan.KeysCompared);
    }

    /// <summary>Logarithms of the probabilities of what comes at each token of the answer, [A, V]. The question is run first, so that the answer chooses nothing.</summary>
    internal static Tensor Predict(ComparedQuestion question, MemoryPlan plan, Prompt prompt, long[] answer)
    {
        Decoder decoder = question.Model.Decoder;
        int start = question.Model.Header.Length;
        using AttentionContext context = question.Model.Header.NewContext(plan.RowCount + prompt.Ids.Count + answer.Length);
        context.Advance(plan.RowCount);
        using PlannedAttention attention = new(plan, question.Config, start);
        Tensor hidden = decoder.Forward(tensor(prompt.Ids.Select(id => (long)id).ToArray()), context, attention, bias: attention)[^1..];
        if (answer.Length > 1) hidden = cat([hidden, decoder.Forward(tensor(answer[..^1]), context, attention, bias: attention)], 0);
        Tensor logits = decoder.Logits(hidden);
        return plan.AtOutput is null ? logits.log_softmax(1) : plan.AtOutput.Mix(logits, attention.LastKeys()[(prompt.Ids.Count - 1)..], question.Document);
    }
}
