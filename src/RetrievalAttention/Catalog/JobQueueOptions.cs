namespace RetrievalAttention.Catalog;

/// <summary>How jobs are held and given up. Section "Queue" of appsettings.json.</summary>
public sealed record JobQueueOptions
{
    /// <summary>How long a worker holds a job without a sign of life, in seconds. Default 60; 5 to 3600.</summary>
    public int LeaseSeconds { get; init; } = 60;

    /// <summary>How often a job is begun without progress before it is given up. Default 3; 1 to 1000.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (LeaseSeconds is < 5 or > 3600) faults.Add($"LeaseSeconds is {LeaseSeconds}, expected 5 to 3600.");
        if (MaxAttempts is < 1 or > 1000) faults.Add($"MaxAttempts is {MaxAttempts}, expected 1 to 1000.");
        if (faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Queue\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
