namespace RetrievalAttention.Indexing;

/// <summary>The HNSW graph (Malkov and Yashunin, arXiv:1603.09320). Part "Hnsw" of the section "Vectors".</summary>
public sealed record HnswOptions
{
    /// <summary>Neighbours a vector (M). Default 16; 4 to 128. More is closer to exact and larger.</summary>
    public int Connectivity { get; init; } = 16;

    /// <summary>Candidates while a vector is added (efConstruction). Default 128; 16 to 2048.</summary>
    public int ExpansionAdd { get; init; } = 128;

    /// <summary>Candidates while searching (ef). Default 128; 16 to 4096.</summary>
    public int ExpansionSearch { get; init; } = 128;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Connectivity is < 4 or > 128) faults.Add($"Connectivity is {Connectivity}, expected 4 to 128.");
        if (ExpansionAdd is < 16 or > 2048) faults.Add($"ExpansionAdd is {ExpansionAdd}, expected 16 to 2048.");
        if (ExpansionSearch is < 16 or > 4096) faults.Add($"ExpansionSearch is {ExpansionSearch}, expected 16 to 4096.");
        if (faults.Count > 0) throw new ProblemException(ProblemKind.Setting, $"Section \"Vectors:Hnsw\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
