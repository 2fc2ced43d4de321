using System.Diagnostics;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
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
    /// <summary>Tokens of the real book that are read, then repeated.</summary>
    private const int Unit = 8192;

    /// <summary>Steps that are really read at the end of each book, for the speed of reading there.</summary>
    private const int StepsRead = 2;

    /// <summary>Asked of any book: only the cost counts.</summary>
    private static readonly string[] Questions =
    [
        "Who is the story about?", "Where does the old man live?", "What was written in the letter?", "Who was afraid, and of what?", "How much money was paid?",
    ];

    /// <param name="folder">For the memories, which are deleted again one by one.</param>
    /// <exception cref="ProblemException">The book is too short, or the disk too small for the longest one.</exception>
    public IReadOnlyList<LengthPoint> Run(Document book, IReadOnlyList<int> lengths, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        RepeatedBook repeated = new(book, model.Tokenizer.Encode(book.Text), Unit);
        RequireSpace(folder, lengths.Max());
        using MemoryFile source = Create(Path.Combine(folder, "unit.memory"), repeated, repeated.Unit);
        model.NewPrefill(memory.Window, memory.Step).Run(repeated.Tokens(repeated.Unit), source, progress, $"Reading {book.Title}", cancellation);
        return [.. lengths.Select(length => Measure(repeated, source, length, Path.Combine(folder, $"{length}.memory"), progress, cancellation))];
    }

    private LengthPoint Measure(RepeatedBook book, MemoryFile source, int length, string path, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            double reading = Write(book, source, length, path, progress, cancellation);
            using MemoryFile file = MemoryFile.OpenAsMade(path);
            using DocumentMemory stored = new(book.Document(length), file, OpenIndex(file), Full: false, 0, TimeSpan.Zero);
            using BlockFinder finder = new(model, () => embedder, passages);
            finder.Prepare(stored, progress, cancellation);

            Answerer answerer = new(model, answering, finder.Rank);
            answerer.Ask(stored, Questions[0], onText: null, cancellation);
            AnswerTimings[] timings = [.. Questions.Select(question => answerer.Ask(stored, question, onText: null, cancellation).Timings)];
            long bytes = file.Bytes + new FileInfo(RetrievalIndex.PathFor(path)).Length;
            return new LengthPoint(
                length, reading, Median(timings.Select(one => one.FirstTokenMilliseconds)), Median(timings.Select(one => one.RetrievalMilliseconds)),
                Median(timings.Select(one => one.TokensPerSecond).Where(rate => rate > 0)), (double)bytes / length, Environment.WorkingSet);
        }
        finally
        {
            foreach (string made in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*")) File.Delete(made);
        }
    }

    /// <returns>Tokens a second of reading the end.</returns>
    private double Write(RepeatedBook book, MemoryFile source, int length, string path, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using MemoryFile file = Create(path, book, length);
        int copied = Math.Max(0, length - StepsRead * memory.Step) / memory.Step * memory.Step;
        book.Copy(source, file, copied / KvCodec.BlockTokens, progress, cancellation);
        file.Flush();
        DocumentPrefill prefill = model.NewPrefill(memory.Window, memory.Step);
        IReadOnlyList<TextToken> tokens = book.Tokens(length);
        long started = Stopwatch.GetTimestamp();
        prefill.Run(tokens, file, progress, "Reading the end", cancellation);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // Made here, while a reading would make it: what maps the whole file is let go of before the questions.
        OpenIndex(file).Dispose();
        return (length - copied) / seconds;
    }

    private RetrievalIndex OpenIndex(MemoryFile file) => RetrievalIndex.Open(file, model.Heads, model.Weights.Config, model.Decoder.Device);

    private MemoryFile Create(string path, RepeatedBook book, int length) =>
        MemoryFile.Create(path, model.Fingerprint(book.Document(length).ContentHash, length, memory.Window, memory));

    private void RequireSpace(string folder, int tokens)
    {
        KvCodec codec = KvCodec.For(memory.Format, KvShape.Of(model.Fingerprint("", tokens, memory.Window, memory)));
        long needed = MemoryFile.ExpectedBytes(codec, tokens), free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
            throw new ProblemException(ProblemKind.Environment, $"A memory of {tokens:N0} tokens takes {needed / 1e9:F1} GB, and {folder} has {free / 1e9:F1} GB free. Give smaller --lengths, or TMPDIR on another disk.");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
