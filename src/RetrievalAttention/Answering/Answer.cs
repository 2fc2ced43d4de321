namespace RetrievalAttention.Answering;

public enum AnswerMode
{
    /// <summary>Attention retrieved blocks from the stored memory.</summary>
    Memory,

    /// <summary>The document fits the trained window: all of it was attended to.</summary>
    Full,

    /// <summary>The text of the best passages stood in the prompt: the document has no memory yet, or only the keys of the retrieval heads.</summary>
    Text,
}

/// <summary>A passage that the model attended to while it answered.</summary>
/// <param name="Document">Path of the file.</param>
/// <param name="Section">Heading path, joined by " › ".</param>
/// <param name="Page">Label of the printed page, where the format has pages.</param>
/// <param name="Start">First character of the quote: in the decoded file where the text is a slice of it, in the extracted text otherwise.</param>
/// <param name="End">One past its last character.</param>
/// <param name="Quote">Whole sentences, with the lines of a paragraph joined.</param>
/// <param name="Attention">Share of the citation head's attention to all sources that fell on this one, 0 to 1.</param>
/// <param name="Position">Where the quote begins, as a share of the document, 0 to 1.</param>
public sealed record AnswerSource(
    string Document, string Title, string Section, string? Page, int Start, int End, string Quote, double Attention, double Position);

/// <param name="ReadSeconds">Reading the document just now; 0 when its memory was there.</param>
/// <param name="FirstTokenMilliseconds">From the question to the first token of the answer, retrieval included, reading not.</param>
/// <param name="TokensPerSecond">Of the answer, after its first token.</param>
public sealed record AnswerTimings(
    double ReadSeconds, int ReadTokens, double RetrievalMilliseconds, double FirstTokenMilliseconds, double TokensPerSecond);

/// <param name="Support">Whether the document holds what the answer says.</param>
/// <param name="EarlierTurns">Turns of the conversation that stood in the context; the oldest may not have fitted.</param>
public sealed record Answer(
    string Text, AnswerMode Mode, IReadOnlyList<AnswerSource> Sources, AnswerSupport Support, int EarlierTurns, AnswerTimings Timings);
