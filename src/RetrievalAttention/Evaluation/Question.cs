namespace RetrievalAttention.Evaluation;

/// <summary>A question with its known answer, from a file of questions.</summary>
public sealed record Question
{
    /// <summary>Unique in its file.</summary>
    public required string Id { get; init; }

    /// <summary>Path of the document as the file gives it, relative to a root that the user names.</summary>
    public required string Document { get; init; }

    /// <summary>The question; it may name the part of the document that it is about.</summary>
    public required string Text { get; init; }

    /// <summary>The same question without naming a part, or null where the file has no such wording.</summary>
    public string? UnscopedText { get; init; }

    /// <summary>Accepted answers, best first; empty where only the evidence is known.</summary>
    public required IReadOnlyList<string> Answers { get; init; }

    /// <summary>The answer stands in the document in these words (true), must be inferred (false), or the file does not say (null).</summary>
    public bool? Explicit { get; init; }

    /// <summary>Where the document answers; empty where the file does not say.</summary>
    public required IReadOnlyList<Evidence> Evidence { get; init; }

    /// <summary>1-based line of the file.</summary>
    public required int Line { get; init; }
}

/// <summary>A stretch of a document that answers a question.</summary>
/// <param name="Offset">First character, in Unicode code points of the decoded file.</param>
/// <param name="Length">Length in code points.</param>
/// <param name="Text">The stretch itself where the file quotes it; it must then be what stands there.</param>
public sealed record Evidence(int Offset, int Length, string? Text);
