using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Evaluation.Writing;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Training.Gates;

/// <summary>What gates change in books that they were not trained on.</summary>
/// <param name="Tokens">At places evenly over the last third, all tokens.</param>
/// <param name="RareNames">At places where a rare name is said, the name's tokens.</param>
public sealed record GateGains(GateGain? Tokens, GateGain? RareNames);

/// <summary>Continues books at the same places without and with gates, looking again as the program does while it writes.</summary>
/// <param name="places">A book, once evenly over its last third and once where rare names are said.</param>
public sealed class GateMeasurement(LoadedModel model, WritingOptions options, MemoryGates gates, int places)
{
    private readonly ContinuationEvaluation _evaluation = new(model, options) { Sights = [Sight.LookingAgain] };
    private readonly List<Continued> _books = [];

    /// <summary>Over all books so far.</summary>
    public GateGains All => Gains(_books.Aggregate((a, b) => new Continued(
        [.. a.Plain, .. b.Plain], [.. a.Gated, .. b.Gated], [.. a.PlainAtNames, .. b.PlainAtNames], [.. a.GatedAtNames, .. b.GatedAtNames])));

    /// <exception cref="ProblemException">The gates were trained on the book, or it is too short.</exception>
    public GateGains Add(DocumentMemory memory, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        gates.ThrowIfTrainedOn(memory.Document);
        BookNames names = BookNames.Of(memory.Document, model.Tokenizer);
        IReadOnlyList<PlaceResult> Continue(MemoryGates? used, bool atNames)
        {
            model.Use(used);
            string task = $"Continuing {memory.Document.Title} {(used is null ? "without" : "with")} gates{(atNames ? " at names" : "")}";
            int done = 0;
            return _evaluation.Run(memory, names, places, GateTraining.LocalTokens, atNames, () => progress?.Report(new WorkProgress(task, ++done, places, "places")), cancellation);
        }
        _books.Add(new Continued(Continue(null, false), Continue(gates, false), Continue(null, true), Continue(gates, true)));
        return Gains(_books[^1]);
    }

    private static GateGains Gains(Continued book) =>
        new(GateGain.Of(book.Plain, book.Gated, place => place.Nll), GateGain.Of(book.PlainAtNames, book.GatedAtNames, place => place.RareNll));

    private sealed record Continued(
        IReadOnlyList<PlaceResult> Plain, IReadOnlyList<PlaceResult> Gated, IReadOnlyList<PlaceResult> PlainAtNames, IReadOnlyList<PlaceResult> GatedAtNames);
}
