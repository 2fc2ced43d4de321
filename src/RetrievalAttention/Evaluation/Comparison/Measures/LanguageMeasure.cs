using RetrievalAttention.Evaluation.Comparison.Places;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Measures;

/// <summary>Language modelling with a memory: how likely a book's own text is where it goes on, and the names in it that it has not said for long (design section 4).</summary>
internal static class LanguageMeasure
{
    public static ComparisonMeasure Measure { get; } = new(
        "language", "a book's own text in its last third", MeasuredOn.Places,
        [new("nll", "NLL, nats per token", LowerIsBetter: true), .. TextPlaces.Distances.Select(distance => new Figure(NameOf(distance), $"NLL of names said about {distance:N0} tokens before", LowerIsBetter: true))], Of)
    // Every place has another document before it, and many tokens.
    { LeavesOut = [Dear.EachDocument, Dear.EachToken] };

    private static CellResult? Of(QuestionRead read)
    {
        ComparedPlace place = (ComparedPlace)read.Question;
        Tensor gold = tensor(place.Gold.Select(id => (long)id).ToArray(), device: place.Model.Decoder.Device);
        float[] nll = nn.functional.nll_loss(read.Predict(place.Gold), gold, reduction: nn.Reduction.None).cpu().data<float>().ToArray();
        Dictionary<string, double> figures = new() { ["nll"] = nll.Average() };
        foreach (IGrouping<int, PlaceName> names in place.Place.Names.GroupBy(name => name.Distance))
            figures[NameOf(names.Key)] = names.SelectMany(name => nll[name.First..(name.Last + 1)]).Average();
        return new CellResult(figures);
    }

    private static string NameOf(int distance) => $"nllNames{distance}";
}
