namespace RetrievalAttention.Catalog;

/// <summary>A leased job: bring one document to one stage.</summary>
/// <param name="Owner">Who holds the lease.</param>
/// <param name="Attempts">How often it was begun since its last progress, this time included.</param>
/// <param name="Checkpoint">What the work noted last, in its own words; null at the beginning.</param>
/// <param name="Done">Units that were done before.</param>
public sealed record Job(long Id, long Document, DocumentStage Goal, string Owner, int Attempts, string? Checkpoint, long Done);

/// <summary>A job as the queue shows it.</summary>
/// <param name="Running">Held by a worker that is alive and whose lease has not run out.</param>
/// <param name="Problem">Why it was given up, or why its last attempt failed.</param>
/// <param name="UnitsPerSecond">Speed of the present attempt; null when it is not running or too young.</param>
public sealed record JobStatus(
    long Document, string Title, DocumentStage Goal, bool Running, bool Failed, int Attempts, string? Problem, long Done, long Total, string Unit, double? UnitsPerSecond);
