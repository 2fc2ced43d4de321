using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Plans that stand for the far tokens by a few made-up rows per layer and keep the near ones as they are stored.</summary>
internal static class FarRows
{
    /// <summary>Rows that stand for the far tokens of a layer.</summary>
    /// <param name="Keys">[G, F, D], before rotary embedding unless <paramref name="Placed"/>.</param>
    /// <param name="Bias">As in <see cref="LayerRows.Bias"/>, over the F rows.</param>
    /// <param name="Placed">The keys need no rotation.</param>
    public sealed record Estimate(Tensor Keys, Tensor Values, Func<Tensor, Tensor>? Bias = null, bool Placed = false);

    /// <param name="far">F.</param>
    /// <param name="near">Tokens at the end of the document that are attended to exactly.</param>
    /// <param name="packed">The made-up rows stand one after the other; otherwise all at one distance.</param>
    public static MemoryPlan Before(ComparedQuestion question, int far, int near, bool packed, Func<int, int, Estimate> estimate)
    {
        long[] nearest = [.. Enumerable.Range(question.Tokens - near, near).Select(token => (long)token)];
        RotaryEmbedding rope = question.Model.Decoder.Rope;
        return new MemoryPlan
        {
            RowCount = far + near,
            Rows = (layer, _, start) =>
            {
                int position = StoredRows.FarPosition(start, far + near);
                Estimate made = estimate(layer, position);
                Tensor keys = made.Placed ? made.Keys : packed ? rope.Rotate(made.Keys, start) : rope.RotateAll(made.Keys, position);
                (Tensor nearKeys, Tensor nearValues) = question.Document.Of(layer, tensor(nearest));
                return new LayerRows(
                    cat([keys, rope.Rotate(nearKeys, start + far)], 1), cat([made.Values, nearValues], 1),
                    made.Bias is null ? null : queries => nn.functional.pad(made.Bias(queries), [0, near]));
            },
        };
    }
}
