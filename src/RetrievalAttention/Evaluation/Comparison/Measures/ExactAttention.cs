using RetrievalAttention.Answering;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>
/// What a question that is read alone would attend to in a whole document, in every layer and head: the exact softmax over all its keys at the fixed distance of the first
/// look, mean over the question's tokens. What selections are held against; header and question are not part of the softmax.
/// </summary>
public sealed class ExactAttention : IDisposable
{
    /// <summary>Keys of most attention that a selection should keep.</summary>
    public const int BestKeys = 100;

    private readonly Tensor[] _shares;
    private readonly Tensor[] _best;

    private ExactAttention(Tensor[] shares, Tensor[] best) => (_shares, _best) = (shares, best);

    public static ExactAttention Of(ComparedQuestion question)
    {
        using var scope = NewDisposeScope();
        Prompt prompt = question.PromptWith([]);
        using AttentionContext context = question.Model.Header.NewContext(prompt.Ids.Count);
        Observer observer = new(question);
        question.Model.Decoder.Forward(tensor(prompt.Ids.Select(id => (long)id).ToArray()), context, observer);
        return new ExactAttention(observer.Shares, observer.Best);
    }

    /// <summary>What a layer's heads keep when they see only some tokens, each [H]: share of the attention, and share of their 100 best keys.</summary>
    /// <param name="seen">[N] for all heads, or [G, N]: 1 for a token that is seen, 0 for another.</param>
    public (Tensor Mass, Tensor Best) Kept(int layer, Tensor seen)
    {
        using var scope = NewDisposeScope();
        Tensor shares = _shares[layer];
        Tensor byHead = seen.dim() == 1 ? seen.unsqueeze(0).expand(shares.shape[0], -1) : seen.repeat_interleave(shares.shape[0] / seen.shape[0], 0);
        return ((shares * byHead).sum(1).MoveToOuterDisposeScope(), byHead.gather(1, _best[layer]).mean([1]).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _shares.Concat(_best)) tensor.Dispose();
    }

    private sealed class Observer(ComparedQuestion question) : IAttentionTap
    {
        /// <summary>[H, N] a layer.</summary>
        public Tensor[] Shares { get; } = new Tensor[question.Config.Layers];

        /// <summary>[H, 100] a layer: indices of tokens.</summary>
        public Tensor[] Best { get; } = new Tensor[question.Config.Layers];

        public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
        {
            using var scope = NewDisposeScope();
            Tensor asking = question.Asking(queries);
            Tensor shares = zeros([queries.shape[0], question.Tokens], float32, queries.device);
            Tensor documentKeys = question.Document.Keys(layer);
            for (int group = 0; group < question.Config.KvHeads; group++)
            {
                using var groupScope = NewDisposeScope();
                Tensor ofGroup = Methods.TokenAttention.Shares(asking[group].unsqueeze(0), documentKeys[group].unsqueeze(0));
                long heads = queries.shape[0] / question.Config.KvHeads;
                shares.narrow(0, group * heads, heads).copy_(ofGroup.view(heads, queries.shape[1], question.Tokens).mean([1]));
            }
            Best[layer] = shares.topk(Math.Min(BestKeys, question.Tokens), 1).indexes.DetachFromDisposeScope();
            Shares[layer] = shares.DetachFromDisposeScope();
        }
    }
}
