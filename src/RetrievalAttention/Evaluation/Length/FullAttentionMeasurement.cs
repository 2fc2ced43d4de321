using System.Diagnostics;
using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Length;

/// <summary>What attending to all of a book costs.</summary>
/// <param name="LoadMilliseconds">From the memory file to the context of every layer.</param>
/// <param name="FirstTokenMilliseconds">From the question to the first token of the answer, with all tokens in the context already.</param>
/// <param name="WritingTokensPerSecond">Tokens written behind all of it.</param>
/// <param name="ReadingTokensPerSecond">128 tokens more of the book, each seeing all before it.</param>
/// <param name="ContextBytes">Keys and values in the context.</param>
public sealed record FullAttentionPoint(
    int Tokens, double LoadMilliseconds, double FirstTokenMilliseconds, double WritingTokensPerSecond, double ReadingTokensPerSecond, long ContextBytes);

/// <summary>
/// Measures plain attention over everything, for scale. Nothing is chosen and nothing left out; positions go far beyond what the model was trained on, so its answers
/// mean nothing and only the cost is told. Keys and values come from a memory whose blocks repeat: what they cost does not depend on what they say.
/// </summary>
public sealed class FullAttentionMeasurement(LoadedModel model, MemoryOptions memory)
{
    private const string Question = "Who is the story about?";

    private const int Written = 32;

    /// <summary>Fewer than a step of reading: their scores with 100,000 tokens may all stand in memory at once.</summary>
    private const int Read = 128;

    /// <param name="folder">For the memories, which are deleted again one by one.</param>
    public IReadOnlyList<FullAttentionPoint> Run(Document book, IReadOnlyList<int> lengths, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using MemoryWorkshop workshop = new(model, memory, book, lengths.Max(), folder, progress, cancellation);
        return
        [
            .. lengths.Index().Select(length =>
            {
                using MadeMemory made = workshop.Make(length.Item, progress, cancellation);
                progress?.Report(new WorkProgress($"Attending to {length.Item:N0} tokens", length.Index, lengths.Count, "lengths"));
                return Measure(made.Memory.File, cancellation);
            }),
        ];
    }

    private FullAttentionPoint Measure(MemoryFile file, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        DecoderConfig config = model.Weights.Config;
        IReadOnlyList<int> prompt = QuestionPrompt.Build(model, Question, []).Ids;
        using AttentionContext context = model.Header.NewContext(file.Tokens + Math.Max(Read, prompt.Count + Written));
        long started = Stopwatch.GetTimestamp();
        MemoryContext.Append(context, model.Decoder, file, [.. Enumerable.Range(0, file.Blocks)]);
        double load = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        int end = context.Length;

        // Once for the pages and tables that the first use makes.
        Generated Answer(int tokens)
        {
            context.Truncate(end);
            return new Generation(model, new AnsweringOptions { MaxAnswerTokens = tokens }).Write(context, prompt, tap: null, onText: null, cancellation);
        }
        Answer(1);
        Generated answered = Answer(1);
        context.Truncate(end);
        double writing = WritingRate(context, cancellation);

        context.Truncate(end);
        Tensor ids = tensor(Enumerable.Range(0, Read).Select(i => (long)file.ReadTokens(i / KvCodec.BlockTokens % Math.Max(1, file.Blocks - 1))[i % KvCodec.BlockTokens].Id).ToArray());
        started = Stopwatch.GetTimestamp();
        using KeyValueCapture stops = new(cancellation);
        model.Decoder.Forward(ids, context, stops).Dispose();
        double reading = Read / Stopwatch.GetElapsedTime(started).TotalSeconds;
        long bytes = 2L * config.Layers * config.KvHeads * config.HeadSize * context.Capacity * (context.IsPlainMemory ? sizeof(float) : 2);
        return new FullAttentionPoint(file.Tokens, load, answered.FirstToken.TotalMilliseconds, writing, reading, bytes);
    }

    /// <summary>Without an end token, which an answer might begin with.</summary>
    private double WritingRate(AttentionContext context, CancellationToken cancellation)
    {
        int id = model.HeaderIds[^1];
        model.DecodeNext(id, context, null);
        long started = Stopwatch.GetTimestamp();
        for (int i = 1; i < Written; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            model.DecodeNext(id, context, null);
        }
        return (Written - 1) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
