using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Length;

/// <summary>
/// Time to the first token of an answer, and tokens written a second, against the length of the book: both should stay as they are. Each length is the beginning of one
/// long book, read into a memory of its own.
/// </summary>
public static class LengthCommand
{
    private static readonly string[] Questions =
    [
        "Who commands the ship?", "What is the name of the young man's betrothed?", "Where does the old man live?", "What was written in the letter?", "Why was he arrested?",
    ];

    public static Command Create(TimeProvider time)
    {
        var book = new Option<string>("--book") { Description = "A long plain-text book.", Required = true };
        var lengths = new Option<int[]>("--lengths") { Description = "Lengths in tokens.", DefaultValueFactory = _ => [1000, 8000, 32000, 100000], AllowMultipleArgumentsPerToken = true };
        var command = new Command("length", "First token and writing speed against the length of a book.") { book, lengths };
        command.SetAction(parsed =>
        {
            Measurements measured = Measure(time, parsed.GetRequiredValue(book), [.. parsed.GetRequiredValue(lengths).Order()]);
            measured.Print(Console.Out);
            Console.WriteLine();
            Console.WriteLine($"saved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static Measurements Measure(TimeProvider time, string path, int[] lengths)
    {
        double? load = Measurements.CurrentLoad();
        set_num_threads(Environment.ProcessorCount);
        Document book = DocumentReaders.All.Read(path, new ReadingOptions(), null, CancellationToken.None);
        using LoadedModel model = new(Repository.Model, CPU);
        IReadOnlyList<TextToken> tokens = model.Tokenizer.Encode(book.Text);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ra-length-");
        try
        {
            (int Tokens, Answered Answered)[] measured = [.. lengths.Where(length => length <= tokens.Count).Select(length => (length, Ask(model, Beginning(book, tokens, length), folder.FullName)))];
            Answered shortest = measured[0].Answered;
            return Measurements.Now(
                time, "length", load, "ask: retrieval, second look, 8 blocks of memory and a quotation", $"the same at {measured[0].Tokens} tokens",
                $"Median over {Questions.Length} questions after one to warm up; each length is the beginning of {Path.GetFileName(path)}.",
                [
                    .. measured.SelectMany(one => (Row[])
                    [
                        new($"reading {one.Tokens} tokens", "tokens/s", one.Answered.Reading, shortest.Reading),
                        new($"first token, {one.Tokens} tokens", "ms", one.Answered.FirstToken, shortest.FirstToken, Better.Lower),
                        new($"of it finding the blocks, {one.Tokens} tokens", "ms", one.Answered.Finding, shortest.Finding, Better.Lower),
                        new($"writing, {one.Tokens} tokens", "tokens/s", one.Answered.Writing, shortest.Writing),
                    ]),
                ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed record Answered(double Reading, double FirstToken, double Finding, double Writing);

    private static Answered Ask(LoadedModel model, Document document, string folder)
    {
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Repository.Embedder, CPU, new EmbedderOptions());
        using BlockFinder finder = new(model, () => embedder, new PassageOptions());
        using DocumentMemory memory = new MemoryStore(folder, new MemoryOptions()).OpenOrRead(
            document, model, questionTokens: 0, forceRetrieval: true, progress: null, note: null, CancellationToken.None);
        finder.Prepare(memory, progress: null, CancellationToken.None);
        Answerer answerer = new(model, new AnsweringOptions { MaxAnswerTokens = 48 }, finder.Rank);
        answerer.Ask(memory, Questions[0], onText: null, CancellationToken.None);
        AnswerTimings[] timings = [.. Questions.Select(question => answerer.Ask(memory, question, onText: null, CancellationToken.None).Timings)];
        return new Answered(
            memory.ReadTokens / memory.ReadTime.TotalSeconds,
            Speed.Median(timings, one => one.FirstTokenMilliseconds),
            Speed.Median(timings, one => one.RetrievalMilliseconds),
            Speed.Median([.. timings.Where(one => one.TokensPerSecond > 0)], one => one.TokensPerSecond));
    }

    private static Document Beginning(Document book, IReadOnlyList<TextToken> tokens, int length)
    {
        int end = tokens[length - 1].End;
        return book with
        {
            ContentHash = string.Create(CultureInfo.InvariantCulture, $"{book.ContentHash[..48]}{length:x16}"),
            Text = book.Text[..end],
            Sections = [new Section([], 0, end)],
            Paragraphs = [.. book.Paragraphs.Where(paragraph => paragraph.End <= end)],
            Pages = [],
        };
    }
}
