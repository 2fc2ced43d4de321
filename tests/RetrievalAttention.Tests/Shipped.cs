using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests;

/// <summary>The models that the project ships, opened once for all tests, and where the repository and the larger data are.</summary>
public static class Shipped
{
    private static readonly Lazy<LoadedModel> LazyModel = new(() =>
    {
        set_num_threads(Environment.ProcessorCount);
        return new LoadedModel(DecoderPath, CPU, reading: float32);
    });

    [System.Runtime.CompilerServices.ModuleInitializer]
    internal static void BeforeLibtorch() => ThreadWaiting.Sleep();

    /// <summary>libtorch runs one heavy test at a time: it uses all cores itself.</summary>
    public const string OneAtATime = "uses all cores";

    public static string Root { get; } = FindRoot();

    public static string DecoderPath => Path.Combine(Root, "models", "smollm2-135m-instruct");

    public static string EmbedderPath => Path.Combine(Root, "models", "all-minilm-l6-v2");

    /// <summary>Reads in float32, as the references did.</summary>
    public static LoadedModel Model => LazyModel.Value;

    public static Decoder Decoder => Model.Decoder;

    public static string Fixture(params string[] path) => Path.Combine([AppContext.BaseDirectory, "Fixtures", .. path]);

    /// <summary>A file of the larger data set (environment variable RA_DATA, default ../shared/data beside the repository); skips aloud without it.</summary>
    public static string Data(params string[] path)
    {
        string data = Environment.GetEnvironmentVariable("RA_DATA") ?? Path.Combine(Root, "..", "shared", "data");
        string full = Path.Combine([data, .. path]);
        if (!Path.Exists(full)) Assert.Skip($"needs {full}; set RA_DATA to the folder that holds it");
        return full;
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RetrievalAttention.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No RetrievalAttention.sln above {AppContext.BaseDirectory}.");
    }
}
