using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Writing;

/// <summary>What a continuation may see besides the text just before it.</summary>
public enum Sight
{
    Nothing,

    /// <summary>The opening blocks of the book, as one run.</summary>
    Opening,

    /// <summary>As many blocks as looking again gives, chosen by chance once a place.</summary>
    RandomBlocks,

    /// <summary>The product's way.</summary>
    LookingAgain,
}

/// <summary>How likely the book's own words are at one place.</summary>
/// <param name="Nll">Of each token, in nats.</param>
/// <param name="RareNll">Of the tokens that belong to rare names.</param>
public sealed record PlaceResult(Sight Sight, int Place, IReadOnlyList<double> Nll, IReadOnlyList<double> RareNll);

/// <summary>
/// Likelihood of real continuations: at places in the last third of a book, the text before is read and the next tokens are scored, as if they were being written; only blocks
/// from before the local text can be seen.
/// </summary>
public sealed class ContinuationEvaluation(LoadedModel model, WritingOptions options)
{
    /// <summary>Tokens scored at a place.</summary>
    private const int ScoredTokens = 64;

    /// <summary>Tokens for which a rare name was not said.</summary>
    private const int RareDistance = 960;

    private const int Seed = 5;

    /// <summary>What is compared at each place.</summary>
    public IReadOnlyList<Sight> Sights { get; init; } = Enum.GetValues<Sight>();

    /// <param name="places">Evenly over the last third, or over its rare names.</param>
    /// <param name="atNames">Only where a rare name comes in the middle of what is scored: many more of them for the same work.</param>
    /// <param name="localTokens">Text before a place that is read, a multiple of 64.</param>
    /// <param name="onPlace">Told after each place.</param>
    /// <exception cref="ProblemException">The book is too short.</exception>
    public IReadOnlyList<PlaceResult> Run(DocumentMemory memory, BookNames names, int places, int localTokens, bool atNames, Action onPlace, CancellationToken cancellation)
    {
        IReadOnlyList<TextToken> tokens = model.Tokenizer.Encode(memory.Document.Text);
        int from = Math.Max(2 * tokens.Count / 3, localTokens + KvCodec.BlockTokens), last = tokens.Count - ScoredTokens;
        if (last <= from) throw new ProblemException(ProblemKind.Document, $"'{memory.Document.Title}' has {tokens.Count} tokens; its last third must hold at least {ScoredTokens} after {localTokens} local ones. Take a longer book.");
        RareName[] rare = [.. RareNames.Find(memory.Document.Text, tokens, names, RareDistance)];
        Random random = new(Seed);
        List<PlaceResult> results = [];
        IReadOnlyList<int> candidates = atNames ? AtNames(rare, from, last) : [.. Enumerable.Range(from, last - from)];
        places = Math.Min(places, candidates.Count);
        for (int i = 0; i < places; i++)
        {
            int place = candidates[(int)((long)candidates.Count * i / places)];
            int[] ids = [.. tokens.Skip(place - localTokens).Take(localTokens + ScoredTokens).Select(token => token.Id)];
            HashSet<int> rareTokens = [.. rare.SelectMany(name => Enumerable.Range(name.First, name.Last - name.First + 1)).Where(token => token >= place && token < place + ScoredTokens)];
            foreach (Sight sight in Sights)
            {
                cancellation.ThrowIfCancellationRequested();
                double[] nll = Score(memory, Look(sight, memory, (place - localTokens) / KvCodec.BlockTokens, random), ids, localTokens, cancellation);
                results.Add(new PlaceResult(sight, place, nll, [.. rareTokens.Order().Select(token => nll[token - place])]));
            }
            onPlace();
        }
        return results;
    }

    /// <summary>Places that have a rare name in the middle of what is scored; none overlap, so that no token counts twice.</summary>
    private static List<int> AtNames(IEnumerable<RareName> rare, int from, int last)
    {
        List<int> places = [];
        foreach (int place in rare.Select(name => name.First - ScoredTokens / 2).Where(place => place >= from && place < last))
            if (places.Count == 0 || place >= places[^1] + ScoredTokens) places.Add(place);
        return places;
    }

    private BookLook Look(Sight sight, DocumentMemory memory, int before, Random random) => sight switch
    {
        Sight.Opening => BookLooks.Fixed(Enumerable.Range(0, Math.Min(options.StyleBlocks, before))),
        Sight.RandomBlocks => BookLooks.Fixed(Enumerable.Range(0, before).OrderBy(_ => random.Next()).Take(2 * options.BookRuns)),
        Sight.LookingAgain => BookLooks.Again(model, memory, options.BookRuns, before),
        _ => BookLooks.Nothing,
    };

    private double[] Score(DocumentMemory memory, BookLook look, int[] ids, int localTokens, CancellationToken cancellation)
    {
        int[] scored = ids[localTokens..];
        using WritingContext context = new(model, memory, options with { LocalTokens = ids.Length }, look, []);
        context.Read(ids[..localTokens], Writer.ReadStep, cancellation);
        using var scope = NewDisposeScope();
        List<double> nll = [.. Nll(tensor(context.Scores).unsqueeze(0), [scored[0]])];
        context.Read(scored, options.LookEvery, cancellation, (first, hidden) =>
        {
            int[] targets = [.. scored.Skip(first + 1).Take((int)hidden.shape[0])];
            if (targets.Length > 0) nll.AddRange(Nll(model.Decoder.Logits(hidden[..targets.Length]), targets));
        });
        return [.. nll];
    }

    private static IEnumerable<double> Nll(Tensor logits, int[] targets)
    {
        using var scope = NewDisposeScope();
        Tensor ids = tensor(targets.Select(id => (long)id).ToArray(), device: logits.device);
        return [.. nn.functional.cross_entropy(logits, ids, reduction: nn.Reduction.None).cpu().data<float>().ToArray().Select(value => (double)value)];
    }
}
