using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Benchmarks.Reporting;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Peer;

/// <summary>Reads and writes the same tokens with llama.cpp and with this program, turn and turn about.</summary>
public static class PeerCommand
{
    /// <summary>Eight blocks of 64 tokens and a question, as the usual way of answering puts them into the prompt.</summary>
    private const int PromptTokens = (8 * 64) + 24;

    public static Command Create(TimeProvider time)
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds to take the median of, after one to warm up (1 to 100).", DefaultValueFactory = _ => 5 };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100) result.AddError("--rounds must be between 1 and 100.");
        });
        var peerOnly = new Option<bool>("--peer-only") { Description = "Measure llama.cpp alone; it is printed, not saved." };
        var compute = new Option<ScalarType>("--compute")
        {
            Description = "Number type of this program's reading: Float32 or BFloat16.",
            DefaultValueFactory = _ => ScalarType.Float32,
        };
        compute.AcceptOnlyFromAmong("Float32", "BFloat16");
        var command = new Command("peer", "Speed beside llama.cpp with the same model file, tokens and threads.") { rounds, peerOnly, compute };
        command.SetAction(parsed =>
        {
            Measurements measured = Measure(time, parsed.GetValue(rounds), parsed.GetValue(peerOnly), parsed.GetValue(compute));
            measured.Print(Console.Out);
            // Half a comparison does not replace a whole one.
            if (!parsed.GetValue(peerOnly)) Console.WriteLine($"\nsaved as {measured.Save(Repository.Results)}");
        });
        return command;
    }

    private static Measurements Measure(TimeProvider time, int rounds, bool peerOnly, ScalarType compute)
    {
        double? load = Measurements.CurrentLoad();
        using var peer = new LlamaCpp(Repository.Model, contextSize: 4096, Environment.ProcessorCount);
        IReadOnlyList<int> tokens = peer.Encode(File.ReadAllText(Repository.SampleText));
        using OwnEngine? own = peerOnly ? null : new OwnEngine(Repository.Model, Environment.ProcessorCount, compute);

        List<Speed> peerSpeeds = [], ownSpeeds = [];
        List<double> firstTokens = [];
        for (int round = 0; round <= rounds; round++)
        {
            Speed peerSpeed = Speed.Measure(peer, tokens);
            double firstToken = FirstTokenSeconds(peer, tokens);
            Speed? ownSpeed = own is null ? null : Speed.Measure(own, tokens);
            if (round == 0) continue;
            peerSpeeds.Add(peerSpeed);
            firstTokens.Add(firstToken);
            if (ownSpeed is not null) ownSpeeds.Add(ownSpeed);
        }
        Speed reference = Speed.Median(peerSpeeds);
        Speed? ours = own is null ? null : Speed.Median(ownSpeeds);
        return Measurements.Now(
            time, compute == ScalarType.Float32 ? "peer" : "peer-bfloat16", load, own?.Name ?? "not measured", peer.Name,
            string.Create(CultureInfo.InvariantCulture, $"Median of {rounds} rounds after one to warm up, both engines in turn; writing is {Speed.Written} tokens, greedy."),
            [
                new($"reading {Speed.ShortContext} tokens", "tokens/s", ours?.ReadShort, reference.ReadShort),
                new($"reading {Speed.LongContext} tokens", "tokens/s", ours?.ReadLong, reference.ReadLong),
                new($"writing after {Speed.ShortContext} tokens", "tokens/s", ours?.WriteShort, reference.WriteShort),
                new($"writing after {Speed.LongContext} tokens", "tokens/s", ours?.WriteLong, reference.WriteLong),
                new($"first token of a prompt of {PromptTokens} tokens", "s", null, Speed.Median(firstTokens, seconds => seconds), Better.Lower),
            ]);
    }

    private static double FirstTokenSeconds(LlamaCpp peer, IReadOnlyList<int> tokens)
    {
        peer.Clear();
        return Speed.Seconds(() => peer.Read([.. tokens.Take(PromptTokens)]));
    }
}
