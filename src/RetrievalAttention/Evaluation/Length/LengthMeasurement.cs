using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation.Length;

/// <summary>What a book of one length costs.</summary>
/// <param name="ReadingTokensPerSecond">Reading the last tokens of the book, with all the others in memory.</param>
/// <param name="FirstTokenMilliseconds">From the question to the first token of the answer; median over the questions.</param>
/// <param name="RetrievalMilliseconds">Of it both looks for blocks.</param>
/// <param name="WritingTokensPerSecond">Median over the questions.</param>
/// <param name="BytesPerToken">On disk: the memory and its index.</param>
/// <param name="ResidentBytes">Of the process after the questions, mapped pages included.</param>
public sealed record LengthPoint(
    int Tokens, double ReadingTokensPerSecond, double FirstTokenMilliseconds, double RetrievalMilliseconds, double WritingTokensPerSecond, double BytesPerToken, long ResidentBytes);

/// <summary>Measures reading, finding and writing against the length of the book: all should stay as they are.</summary>
public sealed class LengthMeasurement(LoadedModel model, SentenceEmbedder embedder, MemoryOptions memory, AnsweringOptions answering, PassageOptions passages)
{
    /// <summary>Asked of any book: only the cost counts.</summary>
    internal static readonly string[] Questions =
    [
        "Who is the story about?", "Where does the old man live?", "What was written in the letter?", "Who was afraid, and of what?", "How much money was paid?",
    ];

    /// <param name="folder">For the memories, which are deleted again one by one.</param>
    /// <exception cref="ProblemException">The book is too short, or the disk too small for the longest one.</exception>
    public IReadOnlyList<LengthPoint> Run(Document book, IReadOnlyList<int> lengths, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using MemoryWorkshop workshop = new(model, memory, book, lengths.Max(), folder, progress, cancellation);
        return [.. lengths.Select(length => Measure(workshop, length, progress, cancellation))];
    }

    private LengthPoint Measure(MemoryWorkshop workshop, int length, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using MadeMemory made = workshop.Make(length, progress, cancellation);
        using BlockFinder finder = new(model, () => embedder, passages);
        finder.Prepare(made.Memory, progress, cancellation);

        Answerer answerer = new(model, answering, finder.Rank);
        answerer.Ask(made.Memory, Questions[0], onText: null, cancellation);
        AnswerTimings[] timings = [.. Questions.Select(question => answerer.Ask(made.Memory, question, onText: null, cancellation).Timings)];
        return new LengthPoint(
            length, made.ReadingTokensPerSecond, Median.Of(timings.Select(one => one.FirstTokenMilliseconds)), Median.Of(timings.Select(one => one.RetrievalMilliseconds)),
            Median.Of(timings.Select(one => one.TokensPerSecond).Where(rate => rate > 0)), (double)made.Bytes / length, Environment.WorkingSet);
    }
}
