using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>Watches the attention of a forward pass, layer by layer: how memory is written, and how retrieval heads are read.</summary>
public interface IAttentionTap
{
    /// <summary>Whether <see cref="Observe"/> has to be called for a layer; while one token after another is decoded, only those layers' tensors are made.</summary>
    bool Wants(int layer) => true;

    /// <summary>Called once a layer, before it attends. The tensors live only during the call.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="queries">[H, T, D], before rotary embedding.</param>
    /// <param name="keys">[G, T, D], before rotary embedding.</param>
    /// <param name="values">[G, T, D].</param>
    /// <param name="context">Holds the call's tokens already, as <paramref name="keys"/>' length of pending rows.</param>
    void Observe(int layer, torch.Tensor queries, torch.Tensor keys, torch.Tensor values, AttentionContext context);
}
