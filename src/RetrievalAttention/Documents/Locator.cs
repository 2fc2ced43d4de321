namespace RetrievalAttention.Documents;

/// <summary>Where a stretch of a document stands, so that a person can follow it back to the file.</summary>
/// <param name="Section">The heading path of the section where the stretch begins, joined by " › "; empty when there is none.</param>
/// <param name="PageNumber">1-based number of the page where it begins; null without printed pages.</param>
/// <param name="PageLabel">Label of that page.</param>
/// <param name="Line">1-based line in the file, for formats whose text is a slice of it.</param>
/// <param name="Start">First character: in the decoded file where the text is a slice of it, in the extracted text otherwise.</param>
/// <param name="End">One past the last character, counted alike.</param>
/// <param name="Position">Start as a share of the document's text, 0 to 1.</param>
public sealed record Locator(string Section, int? PageNumber, string? PageLabel, int? Line, int Start, int End, double Position);
