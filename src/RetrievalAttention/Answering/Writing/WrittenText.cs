namespace RetrievalAttention.Answering.Writing;

/// <param name="FirstTokenMilliseconds">From the request to the first token; reading the book not included.</param>
/// <param name="TokensPerSecond">Of the text, looks included.</param>
/// <param name="LookMilliseconds">A look on average: finding the blocks and exchanging them.</param>
public sealed record WritingTimings(double ReadSeconds, int ReadTokens, double FirstTokenMilliseconds, double TokensPerSecond, double LookMilliseconds);

/// <summary>A text that was written over a book.</summary>
/// <param name="Text">Without what it follows.</param>
/// <param name="Sources">What it drew on: the blocks that the citation head attended to most while it was written.</param>
/// <param name="Looks">How often the heads looked for blocks.</param>
/// <param name="Names">Names and numbers of the text, most frequent first.</param>
public sealed record WrittenText(
    string Text, int Words, IReadOnlyList<AnswerSource> Sources, int Looks, IReadOnlyList<UsedName> Names, WritingTimings Timings);
