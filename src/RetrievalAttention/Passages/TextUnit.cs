namespace RetrievalAttention.Passages;

/// <summary>A sentence, a line or a heading: what passages are packed from.</summary>
/// <param name="Start">First character in the document's text; never blank.</param>
/// <param name="End">One past the last, which is never blank.</param>
/// <param name="Tokens">At least 1.</param>
/// <param name="EndsParagraph">The last unit of its paragraph.</param>
internal readonly record struct TextUnit(int Start, int End, int Tokens, bool IsHeading, bool EndsParagraph);
