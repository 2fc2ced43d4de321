using System.Diagnostics;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <summary>
/// Answers a question about books that have been read: finds the blocks, attends to them while it writes, and tells which it looked at.
/// The books' tokens are never run again; only the question, a short quotation and the answer are. Where only keys were kept, the blocks are found by them and read as text.
/// </summary>
/// <param name="rank">The first look over a shelf's blocks.</param>
public sealed class Answerer(LoadedModel model, AnsweringOptions options, RankBlocks rank)
{
    /// <inheritdoc cref="Ask(MemoryShelf, UserQuestion, Action{string}?, CancellationToken)"/>
    public Answer Ask(DocumentMemory memory, string question, Action<string>? onText, CancellationToken cancellation) =>
        Ask(new MemoryShelf(memory), new UserQuestion(question), onText, cancellation);

    /// <param name="onText">Given the answer piece by piece, while it is written.</param>
    /// <exception cref="DamagedBlockException">A block that was needed does not match its checksum.</exception>
    public Answer Ask(MemoryShelf shelf, UserQuestion question, Action<string>? onText, CancellationToken cancellation)
    {
        QuestionPrompt.RequireShort(model, question.Text);
        using var scope = NewDisposeScope();
        long asked = Stopwatch.GetTimestamp();
        AnswerBlocks blocks = shelf.Full ? Everything(shelf) : Find(shelf, question.Search);
        TimeSpan retrieval = Stopwatch.GetElapsedTime(asked);

        int left = model.Weights.Config.ContextLength - model.Header.Length - AnswerContext.MostBlocks(shelf, blocks, options) * KvCodec.BlockTokens;
        Prompt prompt = QuestionPrompt.Build(model, question, Quotations(shelf, blocks.Quoted), room: left - options.MaxAnswerTokens);
        AnsweringOptions fitting = options.Within(left - prompt.Ids.Count);
        using AnswerContext context = new(model, shelf, fitting, blocks, prompt);
        Generated generated = new Generation(model, fitting).Write(context, prompt.Ids, onText, cancellation);
        double closed = AnswerLikelihood.ClosedBook(model, question with { Earlier = [.. question.Earlier.TakeLast(prompt.Turns)] }, generated.Ids);
        return new Answer(
            generated.Text,
            shelf.Full ? AnswerMode.Full : shelf.HoldsAll ? AnswerMode.Memory : AnswerMode.Text,
            Citations.From(shelf, context.Attention, options.MemoryBlocks),
            AnswerSupport.Of(generated.MeanLogProbability - closed, generated.Text, question.Text, TextsOf(shelf, context.Seen)),
            prompt.Turns,
            new AnswerTimings(
                shelf.Books.Sum(book => book.ReadTime.TotalSeconds), shelf.Books.Sum(book => book.ReadTokens), retrieval.TotalMilliseconds,
                (retrieval + generated.FirstToken).TotalMilliseconds, generated.TokensPerSecond));
    }

    private AnswerBlocks Find(MemoryShelf shelf, string question)
    {
        // A second look at their text would cost more than it finds: NLL of 56 answers is 3.044 without it and 3.103 with it.
        if (!shelf.HoldsAll) return new AnswerBlocks([], [.. rank(shelf, question).Take(options.MemoryBlocks).Order()], []);
        IReadOnlyList<int> second = BlockSearch.SecondLook(model, shelf, question, rank(shelf, question), options.Candidates);
        return new AnswerBlocks(Attended(shelf, second, options), Quoted(shelf, second, options), second);
    }

    /// <summary>The best blocks that are attended to, with their neighbours.</summary>
    /// <param name="ranked">Best first.</param>
    /// <returns>In the order in which they are packed: book by book.</returns>
    public static IReadOnlyList<int> Attended(MemoryShelf shelf, IReadOnlyList<int> ranked, AnsweringOptions options) => options.Neighbours == 0
        ? [.. ranked.Take(options.MemoryBlocks).Order()]
        : BlockRuns.BestLast(shelf, BlockRuns.Around(shelf, ranked.Take((options.MemoryBlocks + 1) / 2), options.Neighbours, options.Neighbours), ranked);

    /// <summary>The best blocks that are quoted: of one book, the one of the best block. A quotation is for focus; the other books stand in the memory.</summary>
    /// <param name="ranked">Best first.</param>
    /// <returns>In the order of the shelf.</returns>
    public static IReadOnlyList<int> Quoted(MemoryShelf shelf, IReadOnlyList<int> ranked, AnsweringOptions options) =>
        [.. ranked.Take(Math.Max(options.MemoryBlocks, options.QuotedBlocks)).Where(block => shelf.Locate(block).Book == shelf.Locate(ranked[0]).Book).Take(options.QuotedBlocks).Order()];

    private static IReadOnlyList<string> TextsOf(MemoryShelf shelf, IEnumerable<int> blocks) =>
        shelf.Full ? [.. shelf.Books.Select(book => book.Document.Text)] : [.. blocks.Select(shelf.TextOf)];

    private static AnswerBlocks Everything(MemoryShelf shelf) => new([.. Enumerable.Range(0, shelf.Blocks)], [], []);

    /// <summary>The text of blocks, with the names of their books where there are several.</summary>
    public static IReadOnlyList<Quotation> Quotations(MemoryShelf shelf, IReadOnlyList<int> blocks) =>
    [
        .. blocks.Select((block, i) => new Quotation(
            shelf.TextOf(block), shelf.Books.Count > 1 ? shelf.Books[shelf.Locate(block).Book].Document.Title : null,
            GoesOn: i > 0 && blocks[i - 1] == block - 1 && shelf.Locate(block).Block > 0)),
    ];
}
