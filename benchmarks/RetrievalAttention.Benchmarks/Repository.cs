namespace RetrievalAttention.Benchmarks;

/// <summary>Files of the repository that benchmarks run on.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string Model { get; } = Path.Combine(Root, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    public static string Embedder { get; } = Path.Combine(Root, "models", "all-minilm-l6-v2");

    public static string SampleText { get; } = Path.Combine(Root, "corpora", "the-red-headed-league.sample.txt");

    /// <summary>The larger data sets: environment variable RA_DATA, else ../shared/data beside the repository.</summary>
    public static string Data { get; } = Environment.GetEnvironmentVariable("RA_DATA") is { Length: > 0 } set ? set : Path.Combine(Root, "..", "shared", "data");

    public static string Results { get; } = Path.Combine(Root, "benchmarks", "RetrievalAttention.Benchmarks", "results");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RetrievalAttention.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No RetrievalAttention.sln above {AppContext.BaseDirectory}: run the benchmarks from the repository.");
    }
}
