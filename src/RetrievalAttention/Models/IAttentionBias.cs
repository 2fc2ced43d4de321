using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>Weighs what stands in a context, layer by layer: hides rows from heads, or lets one row stand for many. What methods of long-context attention differ in.</summary>
public interface IAttentionBias
{
    /// <summary>Called once a layer, after its <see cref="IAttentionTap.Observe"/>. The tensors live only during the call.</summary>
    /// <param name="queries">[H, T, D], rotated to their positions.</param>
    /// <returns>What is added to the scores of the rows that stood in the context before the call, [H, 1 or T, context.Length]; null for nothing.</returns>
    torch.Tensor? Bias(int layer, torch.Tensor queries, AttentionContext context);
}
