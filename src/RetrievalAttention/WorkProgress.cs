namespace RetrievalAttention;

/// <summary>One report of long work, made by whoever does it and shown by whoever started it.</summary>
/// <param name="Task">What is being done, for a person: "Reading Treasure Island".</param>
/// <param name="Done">Units done so far.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Unit">The unit, in the plural: "tokens", "pages", "passages".</param>
/// <param name="AlreadyDone">Units that were done before this run (resumed work), so that rates count only what this run did.</param>
public readonly record struct WorkProgress(string Task, long Done, long Total, string Unit, long AlreadyDone = 0);
