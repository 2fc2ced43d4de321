namespace RetrievalAttention;

/// <summary>One report of long work, made by whoever does it and shown by whoever started it.</summary>
/// <param name="Task">What is being done, for a person: "Reading Treasure Island".</param>
/// <param name="Done">Units done so far.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Unit">The unit, in the plural: "tokens", "pages", "passages".</param>
/// <param name="AlreadyDone">Units that were done before this run (resumed work), so that rates count only what this run did.</param>
/// <param name="Whole">How far everything has come that this is a part of; null when it is no part.</param>
public readonly record struct WorkProgress(string Task, long Done, long Total, string Unit, long AlreadyDone = 0, WholeProgress? Whole = null);

/// <summary>All work of which a report is a part.</summary>
/// <param name="Unit">The unit of what is counted, in the plural: "books".</param>
/// <param name="Rate">Units of work per second of all parts of the same kind, those before this one included.</param>
/// <param name="RateUnit">The unit of the rate: "pages", "tokens".</param>
/// <param name="Left">Time until everything is done; null while nothing can be said.</param>
/// <param name="AtLeast">There is work of a kind whose speed is not known yet, and <paramref name="Left"/> leaves it out.</param>
public sealed record WholeProgress(long Done, long Total, string Unit, double Rate, string RateUnit, TimeSpan? Left, bool AtLeast);
