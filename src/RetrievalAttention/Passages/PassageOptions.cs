namespace RetrievalAttention.Passages;

/// <summary>How documents are split. Section "Passages" of appsettings.json.</summary>
public sealed record PassageOptions
{
    /// <summary>Length that passages come near to, in tokens of the embedder. Default 128; 16 to 512.</summary>
    public int TargetTokens { get; init; } = 128;

    /// <summary>Length that no passage exceeds, in tokens of the embedder. Default 192; from the target to 1024.</summary>
    public int MaximumTokens { get; init; } = 192;

    /// <summary>Most tokens of headings put before a passage; outer headings are left out first. Default 32; 0 to 128.</summary>
    public int HeadingTokens { get; init; } = 32;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (TargetTokens is < 16 or > 512) faults.Add($"TargetTokens is {TargetTokens}, expected 16 to 512.");
        if (MaximumTokens < TargetTokens || MaximumTokens > 1024)
            faults.Add($"MaximumTokens is {MaximumTokens}, expected TargetTokens ({TargetTokens}) to 1024.");
        if (HeadingTokens is < 0 or > 128) faults.Add($"HeadingTokens is {HeadingTokens}, expected 0 to 128.");
        if (faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Passages\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
