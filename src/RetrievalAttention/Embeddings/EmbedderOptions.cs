namespace RetrievalAttention.Embeddings;

/// <summary>The embedder. Section "Embeddings" of appsettings.json.</summary>
public sealed record EmbedderOptions
{
    /// <summary>Put before questions; null (default) for what the model's own files say.</summary>
    public string? QueryPrefix { get; init; }

    /// <summary>Put before passages; null (default) for what the model's own files say.</summary>
    public string? PassagePrefix { get; init; }

    /// <summary>Tokens that are embedded at once, padding included. Default 1024, which stays in a processor's caches; 256 to 1,048,576. More pays on a GPU only.</summary>
    public int BatchTokens { get; init; } = 1024;

    /// <exception cref="ProblemException">A value is outside its range.</exception>
    public void Validate()
    {
        if (BatchTokens is < 256 or > 1 << 20)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Embeddings\" of appsettings.json: BatchTokens is {BatchTokens}, expected 256 to 1048576.");
    }
}
