namespace RetrievalAttention.Tests.Models;

/// <summary>The default model in the repository.</summary>
internal static class ShippedModel
{
    public static string Folder { get; } = Path.Combine(Root(), "models", "smollm2-135m-instruct");

    public static string File { get; } = Path.Combine(Folder, "SmolLM2-135M-Instruct.Q4_1.gguf");

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "RetrievalAttention.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No RetrievalAttention.sln above {AppContext.BaseDirectory}.");
    }
}
