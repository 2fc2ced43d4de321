using System.Diagnostics;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation.Length;

/// <param name="Threads">That ask at the same time.</param>
/// <param name="Questions">Answered by all of them.</param>
/// <param name="MedianSeconds">From a question to the end of its answer.</param>
/// <param name="SameAnswers">Every answer is the one that a single thread gave.</param>
public sealed record ThroughputPoint(int Threads, int Questions, double QuestionsPerSecond, double MedianSeconds, bool SameAnswers);

/// <summary>Questions answered a second when several threads ask one model about one book.</summary>
/// <param name="answering">Its <see cref="AnsweringOptions.MaxAnswerTokens"/> is the length of the answers.</param>
public sealed class ThroughputMeasurement(LoadedModel model, SentenceEmbedder embedder, MemoryOptions memory, AnsweringOptions answering, PassageOptions passages)
{
    /// <param name="length">Tokens of the book, which repeats the beginning of <paramref name="book"/>.</param>
    /// <param name="questions">Asked by each number of threads.</param>
    public IReadOnlyList<ThroughputPoint> Run(
        Document book, int length, IReadOnlyList<int> threads, int questions, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using MemoryWorkshop workshop = new(model, memory, book, length, folder, progress, cancellation);
        using MadeMemory made = workshop.Make(length, progress, cancellation);
        using BlockFinder finder = new(model, () => embedder, passages);
        finder.Prepare(made.Memory, progress, cancellation);
        Answerer answerer = new(model, answering, finder.Rank);
        MemoryShelf shelf = new(made.Memory);
        string[] asked = [.. Enumerable.Range(0, questions).Select(i => LengthMeasurement.Questions[i % LengthMeasurement.Questions.Length])];
        (Answer[] expected, _) = AskAll(answerer, shelf, asked[..Math.Min(questions, LengthMeasurement.Questions.Length)], 1, null, cancellation);
        return
        [
            .. threads.Select(count =>
            {
                long started = Stopwatch.GetTimestamp();
                (Answer[] answers, double[] seconds) = AskAll(answerer, shelf, asked, count, progress, cancellation);
                double all = Stopwatch.GetElapsedTime(started).TotalSeconds;
                return new ThroughputPoint(count, questions, questions / all, Median.Of(seconds), answers.Index().All(answer => answer.Item.Text == expected[answer.Index % expected.Length].Text));
            }),
        ];
    }

    /// <summary>Asks every question once; the threads take the next one that nobody has taken.</summary>
    public static (Answer[] Answers, double[] Seconds) AskAll(
        Answerer answerer, MemoryShelf shelf, IReadOnlyList<string> questions, int threads, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Answer[] answers = new Answer[questions.Count];
        double[] seconds = new double[questions.Count];
        int done = 0;
        Parallel.For(0, questions.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            long started = Stopwatch.GetTimestamp();
            answers[i] = answerer.Ask(shelf, new UserQuestion(questions[i]), onText: null, cancellation);
            seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            progress?.Report(new WorkProgress($"Asking from {threads} threads", Interlocked.Increment(ref done), questions.Count, "questions"));
        });
        return (answers, seconds);
    }
}
