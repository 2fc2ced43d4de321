using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RetrievalAttention.Training.Gates;

/// <summary>What a training of gates came to.</summary>
/// <param name="Losses">Of every step, nats a token: by how much the plain model's are exceeded at the same places, which differ far more from each other than gates change.</param>
public sealed record LearnedGates(MemoryGates Gates, IReadOnlyList<double> Losses);

/// <summary>
/// Learns <see cref="HeadGates"/> of a frozen model. At places of books that were read into memory, the text before is read, the retrieval heads look again as they do while
/// writing, blocks of another book that fit as well as its own are put among them as distractors, and the next tokens are to become likelier.
/// </summary>
/// <param name="rank">Of <see cref="QueryAdapters"/> that are learned with the gates; 0 for none.</param>
/// <remarks>Gradients stop at the text before the place, as at the cached segments of Transformer-XL (Dai et al. 2019): it costs most of the time and has seen no memory.</remarks>
public sealed class GateTraining(LoadedModel model, IReadOnlyList<DocumentMemory> books, WritingOptions options, int seed, int rank = 0)
{
    /// <summary>Read before a place: with fewer, any block costs (design section 4).</summary>
    public const int LocalTokens = 448;

    /// <summary>That are to become likelier.</summary>
    public const int ScoredTokens = 64;

    /// <summary>A step.</summary>
    public const int Places = 4;

    private const int DistractorRuns = 1;
    private const double LearningRate = 0.03;

    private readonly IReadOnlyList<TextToken>[] _texts = [.. books.Select(book => model.Tokenizer.Encode(book.Document.Text))];

    /// <exception cref="ProblemException">A book is too short.</exception>
    public LearnedGates Run(int steps, string checkpoint, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        foreach ((DocumentMemory book, IReadOnlyList<TextToken> text) in books.Zip(_texts))
        {
            if (text.Count < FirstPlace + ScoredTokens)
                throw new ProblemException(ProblemKind.Document, $"'{book.Document.Title}' has {text.Count} tokens; a book to train on needs {FirstPlace + ScoredTokens}. Take a longer one.");
        }
        DecoderConfig config = model.Weights.Config;
        using GateParameters parameters = new(config, rank, seed, model.Decoder.Device);
        string settings = $"gates of {model.Weights.Hash[..12]} on {string.Join(", ", books.Select(book => book.Document.ContentHash[..12]))}, seed {seed}, {options.BookRuns} runs by {options.LookTokens} tokens, adapters of rank {rank}";
        IReadOnlyList<double> losses = new TrainingLoop(parameters, steps, LearningRate).Run(settings, checkpoint, step => Loss(parameters.Gates(), step, cancellation), progress, "Training gates", cancellation);
        using var scope = NewDisposeScope();
        HeadGates gates = parameters.Gates();
        return new LearnedGates(
            new MemoryGates(
                model.Weights.Name, model.Weights.Hash, [.. Enumerable.Range(0, config.Layers).Select(gates.Of)],
                [.. books.Select(book => new TrainedOn(book.Document.Title, book.Document.ContentHash))], gates.Adapters is null ? null : StoredAdapters.Of(gates.Adapters)),
            losses);
    }

    /// <summary>Blocks before a place must be out of the local text, and enough to choose from.</summary>
    private int FirstPlace => LocalTokens + 4 * options.BookRuns * KvCodec.BlockTokens;

    /// <summary>Mean over the step's places of NLL less that of the plain model, which changes no gradient.</summary>
    internal Tensor Loss(HeadGates gates, int step, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        Random random = new(unchecked((seed * 1_000_003) ^ (step * 7_919)));
        return stack(Enumerable.Range(0, Places).Select(_ => LossAtPlace(gates, random, cancellation))).mean().MoveToOuterDisposeScope();
    }

    private Tensor LossAtPlace(HeadGates gates, Random random, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        int book = random.Next(books.Count), place = random.Next(FirstPlace, _texts[book].Count - ScoredTokens);
        long[] ids = [.. _texts[book].Skip(place - LocalTokens).Take(LocalTokens + ScoredTokens).Select(token => (long)token.Id)];
        using AttentionContext context = model.Header.NewContext(2 * (options.BookRuns + DistractorRuns) * KvCodec.BlockTokens + ids.Length);
        using (no_grad()) ReadBefore(context, book, place, ids[..LocalTokens], random);
        int start = context.Length;
        Tensor plain = Nll(context, ids[LocalTokens..]);
        context.Truncate(start);
        context.Gates = gates;
        return (Nll(context, ids[LocalTokens..]) - plain).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over all but the first, which nothing predicts.</summary>
    private Tensor Nll(AttentionContext context, long[] ids)
    {
        Tensor hidden = model.Decoder.Forward(tensor(ids[..^1]), context);
        return nn.functional.cross_entropy(model.Decoder.Logits(hidden), tensor(ids[1..], device: hidden.device));
    }

    /// <summary>Reads the text before the place, looks into the book before that text, and puts what was found behind the header.</summary>
    private void ReadBefore(AttentionContext context, int book, int place, long[] local, Random random)
    {
        using RecentQueries recent = new(model.Heads.Heads, options.LookTokens);
        model.Decoder.Forward(tensor(local), context, recent).Dispose();
        List<(DocumentMemory Book, IReadOnlyList<int> Blocks)> found =
            [(books[book], BookLooks.Again(model, books[book], options.BookRuns, (place - LocalTokens) / KvCodec.BlockTokens)(recent.All))];
        if (books.Count > 1)
        {
            DocumentMemory other = books[(book + 1 + random.Next(books.Count - 1)) % books.Count];
            found.Insert(random.Next(2), (other, BookLooks.Again(model, other, DistractorRuns, other.File.Tokens / KvCodec.BlockTokens)(recent.All)));
        }
        int start = model.Header.Length, tokens = found.Sum(one => one.Blocks.Count) * KvCodec.BlockTokens;
        MemoryContext.Replace(context, model.Decoder, start, start, tokens, () =>
        {
            foreach ((DocumentMemory memory, IReadOnlyList<int> blocks) in found) MemoryContext.Append(context, model.Decoder, memory.File, blocks);
        });
    }
}
