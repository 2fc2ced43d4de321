using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>
/// Mixes the model's predictions with the tokens that follow the nearest places of the document (Khandelwal et al. 2020, kNN-LM): a place is known by its
/// stored keys of the last layer, its distance is squared Euclidean.
/// </summary>
/// <param name="Count">k.</param>
/// <param name="Share">λ, of the neighbours in the mixture.</param>
public sealed record NearestTokens(int Count, double Share)
{
    /// <summary>A neighbour that is farther by one part in so many of their mean distance counts e times less.</summary>
    private const double Sharpness = 10;

    /// <param name="logits">[T, V].</param>
    /// <param name="lastKeys">Of the same tokens, [T, G * D].</param>
    /// <returns>Logarithms of the mixed probabilities, [T, V].</returns>
    public Tensor Mix(Tensor logits, Tensor lastKeys, ComparedDocument document)
    {
        using var scope = NewDisposeScope();
        Tensor own = logits.log_softmax(1);
        int places = document.Tokens - 1, count = Math.Min(Count, places);
        if (count < 1) return own.MoveToOuterDisposeScope();
        Tensor stored = document.Keys(document.Layers - 1).transpose(0, 1).reshape(document.Tokens, -1).narrow(0, 0, places);
        Tensor distances = (stored.mul(stored).sum(1).unsqueeze(0) - lastKeys.mm(stored.t()).mul_(Scalars.Integer(2))).add_(lastKeys.mul(lastKeys).sum(1, keepdim: true), Scalars.One);
        (Tensor nearest, Tensor at) = distances.topk(count, 1, largest: false);
        Tensor weights = nearest.div(nearest.mean([1], keepdim: true).clamp_(min: Scalars.Number(1e-6))).mul_(Scalars.Number(-Sharpness)).softmax(1);
        Tensor following = NextIds(document).to(at.device).index_select(0, at.view(-1)).view(at.shape);
        Tensor found = zeros_like(own).scatter_add_(1, following, weights);
        return own.exp().mul_(Scalars.Number(1 - Share)).add_(found, Scalars.Number(Share)).log_().MoveToOuterDisposeScope();
    }

    /// <summary>Ids of the tokens after each place, [N - 1].</summary>
    private static Tensor NextIds(ComparedDocument document) => document.Prepared("next ids", () =>
        [tensor(document.Text.Skip(1).Select(token => (long)token.Id).ToArray())])[0];
}
