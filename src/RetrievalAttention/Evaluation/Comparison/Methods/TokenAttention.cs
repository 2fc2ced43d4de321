using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Attention of a question's tokens to every token of a document, in one layer.</summary>
internal static class TokenAttention
{
    /// <param name="asking">[G, Q, D], rotated and scaled.</param>
    /// <param name="keys">[G, N, D], before rotary embedding.</param>
    /// <returns>Shares that sum to 1 over N, [G, Q, N].</returns>
    public static Tensor Shares(Tensor asking, Tensor keys) => asking.bmm(keys.transpose(1, 2)).softmax(-1);
}
