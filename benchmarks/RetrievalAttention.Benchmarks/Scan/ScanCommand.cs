using System.CommandLine;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Memory;
using RetrievalAttention.Memory.Scanning;
using RetrievalAttention.Models.Decoding;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Scan;

/// <summary>The exact scan of a book's int8 keys for one question, against the same in libtorch over float16 keys.</summary>
public static class ScanCommand
{
    private const int HeadSize = 64;

    /// <summary>A question of 16 tokens, asked by the shipped model's two retrieval heads, which read one key/value head.</summary>
    private const int Queries = 32;

    private const int Repetitions = 15;

    public static Command Create(TimeProvider time)
    {
        var lengths = new Option<int[]>("--lengths") { Description = "Lengths in tokens.", DefaultValueFactory = _ => [100_000, 1_000_000], AllowMultipleArgumentsPerToken = true };
        var command = new Command("scan", "Time to compare a question with every token of a book, over generated keys.") { lengths };
        command.SetAction(parsed =>
        {
            double? load = Measurements.CurrentLoad();
            set_num_threads(Environment.ProcessorCount);
            Measurements measured = Measurements.Now(
                time, "scan", load, "int8 keys, own scan", "float16 keys, libtorch",
                $"Median of {Repetitions} scans of random keys of {HeadSize} numbers for {Queries} queries, which is a question of 16 tokens and two heads.",
                [.. parsed.GetRequiredValue(lengths).SelectMany(Measure)]);
            measured.Print(Console.Out);
            Console.WriteLine();
            Console.WriteLine($"saved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static IEnumerable<Row> Measure(int tokens)
    {
        using var scope = NewDisposeScope();
        using GeneratedIndex index = new(tokens, HeadSize, seed: 1);
        using Generator generator = new(2);
        Tensor queries = randn([Queries, HeadSize], generator: generator).mul_(3), keys = randn([tokens, HeadSize], generator: generator).to(float16);
        float[] asked = queries.data<float>().ToArray();
        double Scan(InstructionLevel level) => Median(() =>
        {
            using KeyScan scan = new(index.File, index.Layout, 0, asked, level);
            scan.Run();
            scan.Scores(0, [.. Enumerable.Repeat(1.0, Queries)]);
        });
        double libtorch = Median(() => BlockScores.Of(queries, keys));
        yield return new Row($"scan of {tokens:N0} tokens", "ms", Scan(InstructionLevels.Best), libtorch, Better.Lower);
        foreach (InstructionLevel level in InstructionLevels.Available.Where(level => level != InstructionLevels.Best && level != InstructionLevel.Portable))
            yield return new Row($"the same with {level}", "ms", Scan(level), libtorch, Better.Lower);
        yield return new Row($"opening the index of {tokens:N0} tokens", "ms", Median(() => index.Reopen().Dispose()), null, Better.Lower);
        yield return new Row("bytes of the index", "bytes/token", (double)index.Bytes / tokens, 2 * HeadSize, Better.Lower);
    }

    private static double Median(Action run)
    {
        run();
        return 1000 * Speed.Median([.. Enumerable.Range(0, Repetitions).Select(_ => Speed.Seconds(run))], seconds => seconds);
    }
}
