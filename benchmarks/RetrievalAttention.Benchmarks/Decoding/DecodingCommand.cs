using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Decoding;

/// <summary>Tokens written a second by this program's own kernels, by libtorch and by llama.cpp, at several lengths of context, turn and turn about.</summary>
public static class DecodingCommand
{
    private static readonly int[] Contexts = [64, 512, 700, 2000];

    public static Command Create(TimeProvider time)
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds to take the median of, after one to warm up (1 to 100).", DefaultValueFactory = _ => 5 };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100) result.AddError("--rounds must be between 1 and 100.");
        });
        var command = new Command("decoding", "Tokens written a second, beside libtorch and llama.cpp.") { rounds };
        command.SetAction(parsed =>
        {
            Measurements measured = Measure(time, parsed.GetValue(rounds));
            measured.Print(Console.Out);
            Console.WriteLine();
            Console.WriteLine($"saved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static Measurements Measure(TimeProvider time, int rounds)
    {
        double? load = Measurements.CurrentLoad();
        int threads = Environment.ProcessorCount;
        set_num_threads(threads);
        using var peer = new LlamaCpp(Repository.Model, contextSize: 4096, threads);
        int[] tokens = [.. peer.Encode(File.ReadAllText(Repository.SampleText))];
        using IModelWeights weights = ModelFiles.Open(Repository.Model);
        using var reference = new Decoder(weights, CPU, ScalarType.Float32);
        using var decoder = new TokenDecoder(weights, threads);
        List<Row> rows = [];
        foreach (int length in Contexts)
        {
            using AttentionContext context = reference.NewContext(length + Speed.Written);
            Fill(reference, context, tokens[..length]);
            List<double> own = [], libtorch = [], llama = [];
            for (int round = 0; round <= rounds; round++)
            {
                double ownRate = Rate(() => Write(id => IndexOfMax(decoder.Next(id, context)), tokens[length]));
                context.Truncate(length);
                double libtorchRate = Rate(() => Write(id => Next(reference, id, context), tokens[length]));
                context.Truncate(length);
                peer.Clear();
                peer.Read(tokens[..length]);
                double llamaRate = Rate(() => peer.Write(Speed.Written));
                if (round == 0) continue;
                own.Add(ownRate);
                libtorch.Add(libtorchRate);
                llama.Add(llamaRate);
            }
            rows.Add(new($"{length} tokens of context, beside llama.cpp", "tokens/s", Median(own), Median(llama)));
            rows.Add(new($"{length} tokens of context, beside libtorch float32", "tokens/s", Median(own), Median(libtorch)));
        }
        rows.Add(new("weights read for a token, beside float32", "MB", decoder.BytesPerToken / 1e6, 4e-6 * Parameters(weights), Better.Lower));
        return Measurements.Now(
            time, "decoding", load, $"own kernels, {threads} threads", peer.Name,
            string.Create(CultureInfo.InvariantCulture, $"Median of {rounds} rounds after one to warm up, the engines in turn; {Speed.Written} tokens, greedy."), rows);
    }

    private static void Fill(Decoder decoder, AttentionContext context, int[] ids)
    {
        foreach (int[] step in ids.Chunk(512))
        {
            using Tensor input = tensor(step.Select(id => (long)id).ToArray());
            using Tensor hidden = decoder.Forward(input, context);
        }
    }

    private static void Write(Func<int, int> next, int id)
    {
        for (int i = 0; i < Speed.Written; i++) id = next(id);
    }

    private static int Next(Decoder decoder, int id, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        return (int)decoder.Logits(decoder.Forward(tensor(new[] { (long)id }), context)).argmax().item<long>();
    }

    private static long Parameters(IModelWeights weights) => Architectures.Tensors(weights.Config).Where(tensor => tensor.Shape.Length == 2).Sum(tensor => tensor.Shape[0] * tensor.Shape[1]);

    private static int IndexOfMax(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);

    private static double Rate(Action work) => Speed.Written / Speed.Seconds(work);

    private static double Median(List<double> rates) => Speed.Median(rates, rate => rate);
}
