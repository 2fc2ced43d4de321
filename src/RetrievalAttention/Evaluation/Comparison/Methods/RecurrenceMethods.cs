using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Recurrence and compressed state: what a model has left that goes through the document once with a bounded cache.</summary>
internal static class RecurrenceMethods
{
    private const int Sinks = 4;
    private const int ObservationWindow = 32;
    private const int PoolingKernel = 5;
    private const int SampledPlaces = 8;
    private const int SampledTokens = 32;
    private const int SampleWindow = 512;

    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("window", MethodFamily.Recurrence, "Dai et al. 2019, Transformer-XL", "the last tokens of the document",
            "No training with a carried cache. The header is hidden, so nothing acts as a sink.",
            (question, budget) => StoredRows.Of(question, Last(question, budget)) with { HidesHeader = true }),
        new("sinks", MethodFamily.Recurrence, "Xiao et al. 2024, StreamingLLM", $"header and {Sinks} first tokens, then the last ones",
            "The chat header acts as a sink as well.",
            (question, budget) => StoredRows.Of(question, Enumerable.Range(0, Math.Min(Sinks, question.Tokens)).Concat(Last(question, budget - Sinks))))
        { BecomesFull = true },
        new("compressive", MethodFamily.Recurrence, "Rae et al. 2020, Compressive Transformer", "half the budget exact, all before it mean-pooled into the other half",
            "Mean pooling without training; keys are pooled before rotary embedding.",
            (question, budget) =>
            {
                (int far, int near) = StoredRows.Split(question, budget, budget / 2);
                return far == 0 ? StoredRows.All(question) : Pooling.Plan(question, budget - near, near);
            })
        { BecomesFull = true, Dear = Dear.EachDocument },
        new("h2o", MethodFamily.Recurrence, "Zhang et al. 2023, H2O", $"half the budget recent, half those that received most attention; counted at {SampledPlaces} places of {SampledTokens} tokens",
            "Attention is counted over samples of the document at a fixed distance, not by eviction step by step, and chosen per key/value head.",
            (question, budget) =>
            {
                Tensor received = Received(question);
                return StoredRows.Best(question, budget, (layer, _) => KeepingLast(received[layer].clone(), budget / 2), 0);
            })
        { BecomesFull = true, Dear = Dear.EachDocument },
        new("snapkv", MethodFamily.Recurrence, "Li et al. 2024, SnapKV", $"attention of the last {ObservationWindow} tokens of the question, average pooling over {PoolingKernel} tokens",
            "Keys are compared at a fixed distance; chosen per key/value head; packed positions.",
            (question, budget) => StoredRows.Best(question, budget, (layer, asking) => Observed(question, layer, asking), question.Tokens)) { BecomesFull = true },
    ];

    private static IEnumerable<int> Last(ComparedQuestion question, int count)
    {
        int kept = Math.Clamp(count, 0, question.Tokens);
        return Enumerable.Range(question.Tokens - kept, kept);
    }

    private static Tensor Observed(ComparedQuestion question, int layer, Tensor asking)
    {
        int heads = question.Config.Heads / question.Config.KvHeads, tokens = (int)asking.shape[1] / heads, window = Math.Min(ObservationWindow, tokens);
        Tensor last = asking.view(asking.shape[0], heads, tokens, -1).narrow(2, tokens - window, window).reshape(asking.shape[0], heads * window, -1);
        Tensor attention = TokenAttention.Shares(last, question.Document.Keys(layer)).sum(1, keepdim: true);
        return nn.functional.avg_pool1d(attention, PoolingKernel, 1, PoolingKernel / 2).squeeze(1);
    }

    private static Tensor KeepingLast(Tensor scores, int count)
    {
        int kept = Math.Min(count, (int)scores.shape[1]);
        scores.narrow(1, scores.shape[1] - kept, kept).fill_(Scalars.Number(double.PositiveInfinity));
        return scores;
    }

    /// <summary>Attention that every token received from later ones, [L, G, N].</summary>
    private static Tensor Received(ComparedQuestion question) => question.Document.Prepared("received attention", () =>
    {
        DecoderConfig config = question.Config;
        Tensor received = zeros([config.Layers, config.KvHeads, question.Tokens], float32, question.Model.Decoder.Device);
        RetrievalHead[] heads = [.. Enumerable.Range(0, config.Layers).SelectMany(layer => Enumerable.Range(0, config.Heads).Select(head => new RetrievalHead(layer, head)))];
        for (int place = 1; place <= SampledPlaces; place++)
        {
            using var scope = NewDisposeScope();
            int first = Math.Max(1, (int)((long)place * question.Tokens / SampledPlaces) - SampledTokens), count = Math.Min(SampledTokens, question.Tokens - first);
            if (count < 1) continue;
            using QueryCapture captured = new(heads);
            ReadAgain(question, first, count, captured);
            for (int layer = 0; layer < config.Layers; layer++)
            {
                using var layerScope = NewDisposeScope();
                Tensor queries = stack(Enumerable.Range(layer * config.Heads, config.Heads).Select(captured.Queries));
                Tensor before = question.Document.Keys(layer).narrow(1, 0, first);
                received[layer].narrow(1, 0, first).add_(TokenAttention.Shares(question.Asking(queries), before).sum(1), Scalars.One);
            }
        }
        return [received];
    })[0];

    /// <summary>Runs tokens of the document behind the header and the stored window before them.</summary>
    private static void ReadAgain(ComparedQuestion question, int first, int count, IAttentionTap tap)
    {
        int window = Math.Min(SampleWindow, first);
        MemoryPlan before = StoredRows.Of(question, Enumerable.Range(first - window, window));
        using AttentionContext context = question.Model.Header.NewContext(window + count);
        for (int layer = 0; layer < question.Config.Layers; layer++)
        {
            using var scope = NewDisposeScope();
            LayerRows rows = before.Rows!(layer, zeros(0), question.Model.Header.Length)!;
            context.Write(layer, rows.Keys, rows.Values);
        }
        context.Advance(window);
        long[] ids = [.. question.Document.Text.Skip(first).Take(count).Select(token => (long)token.Id)];
        question.Model.Decoder.Forward(tensor(ids), context, tap).Dispose();
    }
}
