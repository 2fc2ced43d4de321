using System.Diagnostics;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// Writes a text over a book that has been read: looks again for its blocks every few tokens, keeps out of loops without forbidding names, and tells what it drew on.
/// The book is never run again; only the prompt and the text are.
/// </summary>
/// <param name="sampling">How tokens are drawn, see <see cref="WritingOptions.Sampling"/>.</param>
public sealed class Writer(LoadedModel model, WritingOptions options, AnsweringOptions sampling)
{
    /// <summary>Tokens of a text that goes on which are read between two looks.</summary>
    public const int ReadStep = 4 * KvCodec.BlockTokens;

    /// <param name="memory">With an index.</param>
    /// <param name="onText">Given the text piece by piece, while it is written.</param>
    /// <exception cref="DamagedBlockException">A block that was needed does not match its checksum.</exception>
    public WrittenText Write(DocumentMemory memory, WritingRequest request, Action<string>? onText, CancellationToken cancellation) =>
        Write(memory, BookNames.Of(memory.Document, model.Tokenizer), LookFor(memory, request), request, onText, cancellation);

    /// <param name="names">Of the book.</param>
    /// <param name="look">What the text may see of the book.</param>
    /// <inheritdoc cref="Write(DocumentMemory, WritingRequest, Action{string}, CancellationToken)"/>
    public WrittenText Write(
        DocumentMemory memory, BookNames names, BookLook look, WritingRequest request, Action<string>? onText, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<int> text = request.TextIds(model);
        NamePieces pieces = new(model.Tokenizer);
        pieces.Add(names.Words.Concat(ProseFacts.Of($"{request.Instruction} {request.Text}")));
        RepetitionControl repetition = new(options, pieces.Continues);
        NameLedger ledger = new(names, memory.Document.Text);
        TextEnd end = new(model.Tokenizer, memory.Document.Language, request.Words);
        Sampler sampler = new(sampling);
        TextStream stream = new(model.Tokenizer, piece =>
        {
            onText?.Invoke(piece);
            if (end.Add(piece) is { } sentence) pieces.Add(ledger.Add(sentence));
        });

        using WritingContext context = new(model, memory, options, look, request.PromptIds(model, memory.Document.Title));
        context.Read(text, ReadStep, cancellation);
        foreach (int id in text) repetition.Add(id);
        TimeSpan firstToken = Stopwatch.GetElapsedTime(started);
        while (!end.Reached)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] scores = context.Scores;
            end.Apply(scores);
            repetition.Forbid(scores);
            int next = sampler.Next(scores, repetition.Penalised);
            if (model.Tokenizer.EndIds.Contains(next)) break;
            repetition.Add(next);
            stream.Add(next);
            end.AddToken();
            if (!end.Reached) context.Next(next);
        }
        stream.End();
        double seconds = (Stopwatch.GetElapsedTime(started) - firstToken).TotalSeconds;
        return new WrittenText(
            stream.Text, end.Words, Citations.From(memory, context.Attention, Math.Max(2 * options.BookRuns, options.StyleBlocks)), context.Looks, ledger.Used,
            new WritingTimings(
                memory.ReadTime.TotalSeconds, memory.ReadTokens, firstToken.TotalMilliseconds, end.Tokens > 1 && seconds > 0 ? end.Tokens / seconds : 0,
                context.Looks == 0 ? 0 : context.LookTime.TotalMilliseconds / context.Looks));
    }

    private BookLook LookFor(DocumentMemory memory, WritingRequest request) =>
        request.StyleOnly ? BookLooks.Fixed(Enumerable.Range(0, Math.Min(options.StyleBlocks, memory.File.Blocks))) : BookLooks.Again(model, memory, options.BookRuns);
}
