namespace RetrievalAttention.Answering.Summaries;

/// <summary>A sentence of a document; of verse, tables and code a line. Everything in a document belongs to one, headings too.</summary>
/// <param name="Section">Index in <see cref="Documents.Document.Sections"/>.</param>
/// <param name="Start">First character in the document's text.</param>
/// <param name="End">One past the last.</param>
/// <param name="Text">As a person reads it: wrapped lines joined, nothing else changed.</param>
/// <param name="Words">Words of the text; at least 1.</param>
/// <param name="Use">What a summary may do with it.</param>
/// <param name="FirstBlock">The block of 64 tokens in which it begins.</param>
/// <param name="LastBlock">The block in which it ends.</param>
/// <param name="Independence">How much of it is understood without its neighbours, 0 to 1.</param>
/// <param name="Vector">[E], of length 1.</param>
public sealed record BookSentence(
    int Section, int Start, int End, string Text, int Words, SentenceUse Use, int FirstBlock, int LastBlock, double Independence, float[] Vector);

/// <summary>What a summary may do with a sentence.</summary>
public enum SentenceUse
{
    /// <summary>Prose or verse that can stand alone.</summary>
    Quote,

    /// <summary>Rows of tables, lines of code, fragments of a few words: quoted only where a section has nothing else.</summary>
    LastResort,

    /// <summary>Headings: read and counted, never quoted.</summary>
    Never,
}
