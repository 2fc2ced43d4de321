using System.Diagnostics;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <param name="Ids">Without the end token.</param>
/// <param name="MeanLogProbability">Per token, by the model itself, before temperature and penalty.</param>
/// <param name="FirstToken">From the call to the first token.</param>
public sealed record Generated(string Text, IReadOnlyList<int> Ids, double MeanLogProbability, TimeSpan FirstToken, double TokensPerSecond);

/// <summary>Writes token by token until an end token or the limit.</summary>
public sealed class Generation(LoadedModel model, AnsweringOptions options)
{
    /// <param name="context">Memory is in it already; prompt and answer are appended, and have to fit.</param>
    /// <param name="tap">Watches the attention of the answer's tokens, not of the prompt's.</param>
    public Generated Write(AttentionContext context, IReadOnlyList<int> prompt, IAttentionTap? tap, Action<string>? onText, CancellationToken cancellation) =>
        Write(() => Read(prompt, context, tap: null), id => model.DecodeNext(id, context, tap), onText, cancellation);

    /// <summary>The same in a context that looks again while the answer is written.</summary>
    internal Generated Write(AnswerContext context, IReadOnlyList<int> prompt, Action<string>? onText, CancellationToken cancellation) => Write(
        () => Read(prompt, context.Context, context.OfPrompt),
        id =>
        {
            context.LookWhenDue();
            return model.DecodeNext(id, context.Context, context.OfToken);
        },
        onText, cancellation);

    /// <param name="begin">Scores [V] of the first token.</param>
    /// <param name="next">Scores [V] of the token after one that was written.</param>
    private Generated Write(Func<float[]> begin, Func<int, float[]> next, Action<string>? onText, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan firstToken = TimeSpan.Zero;
        Sampler sampler = new(options);
        TextStream text = new(model.Tokenizer, onText, QuestionPrompt.Prefix);
        List<int> ids = [];
        double logProbability = 0;
        float[] logits = begin();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] scores = [.. logits];
            int id = sampler.Next(scores, ids);
            if (ids.Count == 0) firstToken = Stopwatch.GetElapsedTime(started);
            if (model.Tokenizer.EndIds.Contains(id)) break;
            logProbability += LogProbability(logits, id);
            ids.Add(id);
            text.Add(id);
            if (text.Stopped || ids.Count == options.MaxAnswerTokens) break;
            logits = next(id);
        }
        text.End();
        double seconds = (Stopwatch.GetElapsedTime(started) - firstToken).TotalSeconds;
        return new Generated(
            text.Text, ids, ids.Count == 0 ? 0 : logProbability / ids.Count, firstToken, ids.Count > 1 && seconds > 0 ? (ids.Count - 1) / seconds : 0);
    }

    /// <summary>Scores [V] of the token after the ids.</summary>
    private float[] Read(IReadOnlyList<int> ids, AttentionContext context, IAttentionTap? tap)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = model.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context, tap);
        return model.Decoder.Logits(hidden[^1..])[0].cpu().data<float>().ToArray();
    }

    private static double LogProbability(float[] logits, int id)
    {
        double largest = logits.Max(), sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        return logits[id] - largest - Math.Log(sum);
    }
}
