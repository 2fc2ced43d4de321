namespace RetrievalAttention.Ingestion;

/// <summary>How files get into a library. Section "Ingestion" of appsettings.json.</summary>
public sealed record IngestionOptions
{
    /// <summary>Folders that the background service keeps in the library; relative ones count from the folder of appsettings.json. Default: none.</summary>
    public IReadOnlyList<string> WatchedFolders { get; init; } = [];

    /// <summary>Files that are read at the same time. One reader embeds and remembers too when nothing is left to read. Default 2; 2 to 32.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>How often the background service looks at all watched files again, in seconds; notices of the file system only make it sooner. Default 300; 1 to 86400.</summary>
    public int RescanSeconds { get; init; } = 300;

    /// <summary>How long a watched folder must be quiet before its files are read, in seconds. Default 2; 0.1 to 600.</summary>
    public double SettleSeconds { get; init; } = 2;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (WatchedFolders.Any(string.IsNullOrWhiteSpace)) faults.Add("WatchedFolders holds an empty name.");
        if (Readers is < 2 or > 32) faults.Add($"Readers is {Readers}, expected 2 to 32.");
        if (RescanSeconds is < 1 or > 86400) faults.Add($"RescanSeconds is {RescanSeconds}, expected 1 to 86400.");
        if (!(SettleSeconds is >= 0.1 and <= 600)) faults.Add($"SettleSeconds is {SettleSeconds}, expected 0.1 to 600.");
        if (faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Ingestion\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
