using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Chat;
using TorchSharp;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra doctor</c>: says whether a question could be answered on this machine, and what to do where not.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan SelfTestTime = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Command command = new("doctor", SharedOptions.WithExamples(
            "Checks the runtime, the processor, libtorch, the device, the models, disk space, and lets the decoder run for two seconds. Exit code 0 only when a question could be answered.",
            "ra doctor", "ra doctor --model ~/models/qwen2.5-0.5b.gguf --json"))
        {
            model, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetValue(model), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    /// <param name="Cure">What to do; null when it is good.</param>
    /// <param name="Kind">Of the problem, when it is not good.</param>
    private sealed record Check(string Name, bool Good, string Found, string? Cure = null, [property: JsonIgnore] ProblemKind Kind = ProblemKind.Environment);

    private static int Run(string? modelPath, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        string decoder = modelPath ?? settings.Model.Decoder;
        string gates = modelPath is null ? settings.Model.Gates : "";
        Check libtorch = Libtorch();
        List<Check> checks = [Runtime(), Processor(), Guard("disk", () => Disk(settings.Library.Root)), libtorch];
        if (libtorch.Good)
        {
            checks.Add(Guard("device", () => Device(settings)));
            Check weights = Guard("model", () => Model(decoder));
            checks.Add(weights);
            checks.Add(Guard("retrieval heads", () => Heads(decoder)));
            if (gates.Length > 0) checks.Add(Guard("gates", () => Gates(decoder, gates)));
            if (weights.Good) checks.Add(Guard("self-test", () => SelfTest(decoder, settings, cancellation)));
            checks.Add(Guard("embedder", () => Embedder(settings)));
        }

        Check? bad = checks.FirstOrDefault(check => !check.Good);
        if (json) Output.WriteJson(new { good = bad is null, checks });
        else WriteTable(checks, bad is null);
        return bad is null ? ExitCodes.Success : ExitCodes.For(bad.Kind);
    }

    private static Check Runtime() => new("runtime", true, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})");

    private static Check Processor()
    {
        ProcessorInfo processor = ProcessorInfo.Detect();
        return new Check("processor", true, $"{processor.Name}, {processor.Cores} cores, {string.Join(" ", processor.Features)}");
    }

    private static Check Disk(string root)
    {
        const string Move = "Move Library:Root in appsettings.json to a place that you may write to.";
        string? existing = root;
        while (existing is not null && !Directory.Exists(existing)) existing = Path.GetDirectoryName(existing);
        if (existing is null) return new Check("disk", false, $"there is no drive for {root}", Move);
        try
        {
            WriteAccess.Require(Path.Combine(existing, "library.db"));
        }
        catch (ProblemException)
        {
            return new Check("disk", false, $"{existing} cannot be written to", Move);
        }
        double free = new DriveInfo(existing).AvailableFreeSpace / 1e9;
        return new Check("disk", free > 1, string.Create(CultureInfo.InvariantCulture, $"{free:N1} GB free for {root}"),
            free > 1 ? null : "A novel takes about a gigabyte of memory. Make room, or move Library:Root in appsettings.json.");
    }

    private static Check Libtorch()
    {
        try
        {
            using torch.Tensor one = torch.ones(1);
            return new Check("libtorch", one.item<float>() == 1, $"{torch.__version__}, {torch.get_num_threads()} threads");
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or NotSupportedException)
        {
            return new Check("libtorch", false, (error.InnerException ?? error).Message.Split('\n')[0],
                "The native library was found but could not be loaded, or is missing. On Linux run `ldd` on libLibTorchSharp.so beside the program: it asks for GLIBCXX_3.4.32, which the build "
                + "marks as optional (build/RelaxSymbolVersion.cs); build again with ./ra, or install libstdc++6 of GCC 13 or newer.");
        }
    }

    private static Check Device(AllSettings settings)
    {
        ChosenDevice chosen = Devices.Choose(settings.Model.Device);
        return new Check("device", true, chosen.Reason.Length == 0 ? chosen.Device.ToString() : $"{chosen.Device} ({chosen.Reason})");
    }

    private static Check Model(string path)
    {
        using IModelWeights weights = ModelFiles.Open(path);
        DecoderConfig config = weights.Config;
        return new Check("model", true,
            $"{weights.Name}: {config.Architecture}, {config.Layers} layers, {config.Heads} heads ({config.KvHeads} key/value), {ChatTemplate.For(weights).Family} template, SHA-256 {weights.Hash}");
    }

    private static Check Heads(string path)
    {
        using IModelWeights weights = ModelFiles.Open(path);
        return new Check("retrieval heads", true, string.Join(", ", RetrievalHeads.Load(RetrievalHeads.PathFor(path), weights).Heads));
    }

    private static Check Gates(string path, string name)
    {
        using IModelWeights weights = ModelFiles.Open(path);
        return new Check("gates", true, $"{name}, trained on {string.Join(", ", MemoryGates.Load(MemoryGates.PathFor(path, name), weights).Documents.Select(document => document.Title))}");
    }

    private static Check Embedder(AllSettings settings)
    {
        using SentenceEmbedder embedder = SentenceEmbedder.Open(settings.Model.Embedder, torch.CPU, settings.Embeddings);
        embedder.Embed(["Who is the story about?"], EmbeddingPurpose.Query);
        return new Check("embedder", true, $"{embedder.Name}, {embedder.Dimensions} dimensions, SHA-256 {embedder.Hash}");
    }

    /// <summary>Decodes for two seconds and checks that a question about nothing gets some text.</summary>
    private static Check SelfTest(string path, AllSettings settings, CancellationToken cancellation)
    {
        using LoadedModel model = new(path, Devices.Choose(settings.Model.Device).Device);
        using var scope = torch.NewDisposeScope();
        using AttentionContext context = model.Header.NewContext(512);
        long started = Stopwatch.GetTimestamp();
        int tokens = 0;
        long next = model.HeaderIds[^1];
        while (Stopwatch.GetElapsedTime(started) < SelfTestTime && tokens < 512)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = torch.NewDisposeScope();
            torch.Tensor logits = model.Decoder.Logits(model.Decoder.Forward(torch.tensor(new[] { next }), context));
            if (!logits.isfinite().all().item<bool>()) return new Check("self-test", false, $"token {tokens} has scores that are no numbers", "The weights are damaged; get the model again and compare its SHA-256.", ProblemKind.Model);
            next = logits[0].argmax().item<long>();
            tokens++;
        }
        double rate = tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Check("self-test", true, string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens, {rate:0} a second"));
    }

    private static Check Guard(string name, Func<Check> check)
    {
        try
        {
            return check();
        }
        catch (ProblemException problem)
        {
            return new Check(name, false, "not usable", problem.Message, problem.Kind);
        }
    }

    private static void WriteTable(IReadOnlyList<Check> checks, bool good)
    {
        Table table = new("Check", "", "Found");
        foreach (Check check in checks) table.Add(check.Name, check.Good ? "ok" : "FAILED", check.Found);
        table.Write();
        foreach (Check check in checks.Where(check => check.Cure is not null)) Console.Out.WriteLine($"{check.Name}: {check.Cure}");
        Console.Out.WriteLine(good ? "A question can be answered here." : "A question cannot be answered here yet; see above.");
    }
}
