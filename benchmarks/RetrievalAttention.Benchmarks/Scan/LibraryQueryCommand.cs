using System.CommandLine;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Catalog;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Memory;
using RetrievalAttention.Memory.Scanning;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Decoding;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Scan;

/// <summary>
/// A question to a library of many books, in a program that runs: words and vectors over all passages, then attention over the token keys of the three books that these
/// find. Books, vectors and keys are generated; the question is read by the shipped model.
/// </summary>
public static class LibraryQueryCommand
{
    private const string Question = "Who found the silver lantern beneath the old harbour wall?";

    /// <summary>As many as <see cref="PassageSearch"/> asks.</summary>
    private const int BooksByAttention = 3;

    private const int Repetitions = 9;

    public static Command Create(TimeProvider time)
    {
        var books = new Option<int>("--books") { Description = "Books of the library.", DefaultValueFactory = _ => 100 };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of a book.", DefaultValueFactory = _ => 100_000 };
        var command = new Command("library-query", "A question to a generated library of many books.") { books, tokens };
        command.SetAction(parsed =>
        {
            double? load = Measurements.CurrentLoad();
            set_num_threads(Environment.ProcessorCount);
            Measurements measured = Measurements.Now(
                time, "library-query", load, $"{parsed.GetValue(books)} books of {parsed.GetValue(tokens):N0} tokens, generated", "the same, exact over all keys",
                $"Median of {Repetitions} searches. Passages of about 128 tokens; the keys of {BooksByAttention} books, or of all, are scanned for every token of the question.",
                Measure(time, parsed.GetValue(books), parsed.GetValue(tokens)));
            measured.Print(Console.Out);
            Console.WriteLine();
            Console.WriteLine($"saved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static IReadOnlyList<Row> Measure(TimeProvider time, int books, int tokens)
    {
        using LoadedModel model = new(Repository.Model, CPU);
        using SentenceEmbedder embedder = SentenceEmbedder.Open(Repository.Embedder, CPU, new EmbedderOptions());
        using GeneratedLibrary generated = new(time, books, tokens, embedder);
        using PassageSearch search = PassageSearch.Open(generated.Library, embedder, new VectorOptions(), CPU, attention: null);
        using GeneratedIndex some = new(BooksByAttention * tokens, model.Weights.Config.HeadSize, seed: 1), all = new(books * tokens, model.Weights.Config.HeadSize, seed: 2);
        int found = search.Search(Question, 10).Count;
        if (found == 0) throw new InvalidOperationException("The generated library holds nothing for the question, so nothing was measured.");
        double words = Median(() => search.Search(Question, 10)), reading = Median(() => Dispose(BlockSearch.QueriesOf(model, Question)));
        using var scope = NewDisposeScope();
        float[] asked = cat(BlockSearch.QueriesOf(model, Question), 0).data<float>().ToArray();
        double scan = Median(() => Scan(asked, some)), everything = Median(() => Scan(asked, all));
        return
        [
            new Row("question", "ms", words + reading + scan, words + reading + everything, Better.Lower),
            new Row("of it words, vectors and the list of passages", "ms", words, null, Better.Lower),
            new Row("of it reading the question", "ms", reading, null, Better.Lower),
            new Row("of it scanning keys", "ms", scan, everything, Better.Lower),
        ];
    }

    private static void Scan(float[] asked, GeneratedIndex index)
    {
        using KeyScan scan = new(index.File, index.Layout, 0, asked, InstructionLevels.Best);
        scan.Run();
        scan.Scores(0, [.. Enumerable.Repeat(1.0, asked.Length / index.Layout.HeadSize)]);
    }

    private static void Dispose(Tensor[] tensors)
    {
        foreach (Tensor tensor in tensors) tensor.Dispose();
    }

    private static double Median(Action run)
    {
        run();
        return 1000 * Speed.Median([.. Enumerable.Range(0, Repetitions).Select(_ => Speed.Seconds(run))], seconds => seconds);
    }
}
