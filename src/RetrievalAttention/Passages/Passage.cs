namespace RetrievalAttention.Passages;

/// <summary>A stretch of a document that is embedded and searched.</summary>
/// <param name="Index">Counted from 0 in the document; the neighbours are <c>Index - 1</c> and <c>Index + 1</c>.</param>
/// <param name="Section">Index of its section in <see cref="Documents.Document.Sections"/>.</param>
/// <param name="Start">First character in <see cref="Documents.Document.Text"/>; never blank.</param>
/// <param name="End">One past its last character, which is never blank.</param>
/// <param name="Text">The range as a person reads it: hard-wrapped lines joined.</param>
/// <param name="EmbeddedText">What the embedder sees: the heading path, a line break, the text.</param>
/// <param name="Tokens">Tokens of the range, without the headings and without special tokens.</param>
public sealed record Passage(int Index, int Section, int Start, int End, string Text, string EmbeddedText, int Tokens);
