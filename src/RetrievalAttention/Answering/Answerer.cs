using System.Diagnostics;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <summary>
/// Answers a question about a document that has been read: finds the blocks, attends to them while it writes, and tells which it looked at.
/// The document's tokens are never run again; only the question, a short quotation and the answer are.
/// </summary>
/// <param name="rank">The first look over a document's blocks.</param>
public sealed class Answerer(LoadedModel model, AnsweringOptions options, RankBlocks rank)
{
    /// <param name="onText">Given the answer piece by piece, while it is written.</param>
    /// <exception cref="DamagedBlockException">A block that was needed does not match its checksum.</exception>
    public Answer Ask(DocumentMemory memory, string question, Action<string>? onText, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        long asked = Stopwatch.GetTimestamp();
        Blocks blocks = memory.Full ? Everything(memory) : Find(memory, question);
        TimeSpan retrieval = Stopwatch.GetElapsedTime(asked);

        Prompt prompt = QuestionPrompt.Build(model, question, [.. blocks.Quoted.Select(block => TextOf(memory, block))]);
        int room = blocks.Attended.Count * KvCodec.BlockTokens + prompt.Ids.Count + options.MaxAnswerTokens;
        using AttentionContext context = model.Header.NewContext(room);
        IReadOnlyList<(int Start, int End)> spans = MemoryContext.Append(context, model.Decoder, memory.File, blocks.Attended);
        int promptStart = context.Length;
        using SpanAttention looks = new(model.Decoder.Rope, CitationHeads(memory),
            [.. spans, .. prompt.Quoted.Select(quoted => (quoted.Start + promptStart, quoted.End + promptStart))]);

        Generated generated = new Generation(model, options).Write(context, prompt.Ids, looks, onText, cancellation);
        double support = generated.MeanLogProbability - AnswerLikelihood.ClosedBook(model, question, generated.Ids);
        return new Answer(
            generated.Text,
            memory.Full ? AnswerMode.Full : AnswerMode.Memory,
            Citations.From(memory, AttentionByBlock(blocks, looks.Totals), options.MemoryBlocks),
            support,
            support > 0,
            new AnswerTimings(
                memory.ReadTime.TotalSeconds, memory.ReadTokens, retrieval.TotalMilliseconds,
                (retrieval + generated.FirstToken).TotalMilliseconds, generated.TokensPerSecond));
    }

    private Blocks Find(DocumentMemory memory, string question)
    {
        IReadOnlyList<int> second = BlockSearch.SecondLook(model, memory.File, question, rank(memory, question), options.Candidates);
        return new Blocks([.. second.Take(options.MemoryBlocks).Order()], [.. second.Take(options.QuotedBlocks).Order()]);
    }

    private static Blocks Everything(DocumentMemory memory) => new([.. Enumerable.Range(0, memory.File.Blocks)], []);

    private IReadOnlyList<RetrievalHead> CitationHeads(DocumentMemory memory) => memory.Index is null ? [] : [model.Heads.CitationHead];

    private static string TextOf(DocumentMemory memory, int block)
    {
        (int start, int end) = memory.Index!.TextRange(block);
        return memory.Document.Text[start..end];
    }

    /// <summary>Looks at a block in memory and at its quotation count together.</summary>
    private static IReadOnlyDictionary<int, double> AttentionByBlock(Blocks blocks, double[] totals)
    {
        Dictionary<int, double> byBlock = [];
        foreach ((int block, double total) in blocks.Attended.Concat(blocks.Quoted).Zip(totals)) byBlock[block] = byBlock.GetValueOrDefault(block) + total;
        return byBlock;
    }

    /// <param name="Attended">In document order.</param>
    /// <param name="Quoted">In document order; among the attended.</param>
    private sealed record Blocks(IReadOnlyList<int> Attended, IReadOnlyList<int> Quoted);
}
