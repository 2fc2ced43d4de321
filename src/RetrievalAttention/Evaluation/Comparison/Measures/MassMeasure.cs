using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>
/// What a selection keeps of <see cref="ExactAttention"/>, by layer and head. A token counts as kept where a head sees its stored key, or its text is quoted. Methods whose rows stand for
/// many tokens, or that only some heads of a layer see, have no selection to measure.
/// </summary>
internal static class MassMeasure
{
    public static ComparisonMeasure Measure { get; } = new(
        "mass", "share of the exact attention that is kept", MeasuredOn.Questions,
        [new("mass", "share of the softmax"), new("massOfRetrievalHeads", "the same in the retrieval heads"), new("best", $"share of the {ExactAttention.BestKeys} best keys")], Of)
    { Prepare = question => _ = question.Exact };

    private static CellResult? Of(QuestionRead read)
    {
        ComparedQuestion question = read.Question;
        if (read.Plan.RowCount == 0 && read.Plan.QuotedBlocks.Count == 0) return null;
        List<Tensor> masses = [], best = [];
        bool any = read.Plan.RowCount == 0;
        for (int layer = 0; layer < question.Config.Layers; layer++)
        {
            any |= read.TokensSeen(layer) is not null;
            (Tensor mass, Tensor keys) = question.Exact.Kept(layer, Seen(read, layer));
            masses.Add(mass);
            best.Add(keys);
        }
        if (!any) return null;
        Tensor all = stack(masses).cpu();
        return new CellResult(new Dictionary<string, double>
        {
            ["mass"] = all.mean().item<float>(),
            ["massOfRetrievalHeads"] = question.Model.Heads.Heads.Average(head => all[head.Layer, head.Head].item<float>()),
            ["best"] = stack(best).mean().item<float>(),
        })
        {
            ByHead = [.. Enumerable.Range(0, question.Config.Layers).Select(layer => all[layer].data<float>().ToArray().Select(share => Math.Round(share, 4)).ToArray())],
        };
    }

    private static Tensor Seen(QuestionRead read, int layer)
    {
        Device device = read.Question.Model.Decoder.Device;
        long[] shape = read.TokensSeen(layer) is { } chosen && chosen.dim() == 2 ? [chosen.shape[0], read.Question.Tokens] : [read.Question.Tokens];
        Tensor seen = zeros(shape, float32, device);
        if (read.TokensSeen(layer) is { } tokens)
        {
            Tensor at = tokens.to(device);
            seen.scatter_(seen.dim() - 1, at, ones(at.shape, float32, device));
        }
        foreach (int block in read.Plan.QuotedBlocks)
        {
            int first = block * KvCodec.BlockTokens;
            seen.narrow(seen.dim() - 1, first, Math.Min(KvCodec.BlockTokens, read.Question.Tokens - first)).fill_(Scalars.One);
        }
        return seen;
    }
}
