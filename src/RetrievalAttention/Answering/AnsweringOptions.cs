namespace RetrievalAttention.Answering;

/// <summary>How questions are answered. Section "Answering" of appsettings.json; the defaults are those that measured best (design sections 2 and 3).</summary>
public sealed record AnsweringOptions
{
    /// <summary>Tokens that an answer may have all the same where there is room for fewer: a model with a tiny context still says something.</summary>
    private const int LeastAnswerTokens = 64;

    /// <summary>Books that a question about the whole library is asked of at once. Range 1 to 16. Default: 3.</summary>
    public int Books { get; init; } = 3;

    /// <summary>Blocks that take part in the second look. Range 1 to 64. Default: 16.</summary>
    public int Candidates { get; init; } = 16;

    /// <summary>Blocks whose keys and values every layer attends to. Range 1 to 64. Default: 8.</summary>
    public int MemoryBlocks { get; init; } = 8;

    /// <summary>
    /// Blocks before and after each of the better half of <see cref="MemoryBlocks"/> that are attended to with it, instead of the other half: runs of text instead of single blocks, the best
    /// next to the question. Range 0 to 4; 0 attends to the best blocks alone, in document order. Default: 0. 1 makes the gold answers of 56 questions likelier by 0.14 nats a token (95 %: 0.01 to 0.29),
    /// but what the model writes gets worse, token F1 from .227 to .167 (95 % of the difference: −.122 to .002): with the best text at its end the shipped model tends to go on with it.
    /// </summary>
    public int Neighbours { get; init; }

    /// <summary>
    /// Share of the tokens of each run of attended blocks, from its first, that are run again where they now stand. Range 0 to 1. 0.15 makes the gold answers of 56 questions likelier, by 0.05
    /// nats a token, and the first token later, for some 100 tokens more are read. Default: 0.
    /// </summary>
    public double Rerun { get; init; }

    /// <summary>Blocks whose text is quoted before the question. Range 0 to 16. Default: 2.</summary>
    public int QuotedBlocks { get; init; } = 2;

    /// <summary>
    /// Tokens of an answer after which the heads look again for blocks of the book. Range 1 to 1024; 0 never looks again. Default: 0: every 16 tokens changed 11 of 56 answers, token F1 from
    /// .228 to .225, and took an eighth of the speed of writing. Longer texts (ra write) gain by it.
    /// </summary>
    public int LookAgain { get; init; }

    /// <summary>Longest answer, in tokens. Range 1 to 4096. Default: 128.</summary>
    public int MaxAnswerTokens { get; init; } = 128;

    /// <summary>With no longer answers than there is room for: positions beyond those that the model was trained on would turn the end of a long answer into noise.</summary>
    /// <param name="room">Tokens.</param>
    public AnsweringOptions Within(int room) => this with { MaxAnswerTokens = Math.Min(MaxAnswerTokens, Math.Max(room, LeastAnswerTokens)) };

    /// <summary>0 takes the likeliest token each time. Range 0 to 2. Default: 0.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample from the likeliest tokens that make up this probability. Range above 0 to 1. Default: 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Divides the scores of tokens already written. Range 1 to 2; 1 is off. Default: 1.05: token F1 of written answers is .226 on 56 questions, .192 without and .211 with 1.1.</summary>
    public double RepetitionPenalty { get; init; } = 1.05;

    /// <summary>Seed of sampling. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Most blocks that are attended to.</summary>
    internal int MostAttended => Neighbours == 0 ? MemoryBlocks : (MemoryBlocks + 1) / 2 * (1 + 2 * Neighbours);

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Books is < 1 or > 16) faults.Add($"Books is {Books}; expected 1 to 16.");
        if (Candidates is < 1 or > 64) faults.Add($"Candidates is {Candidates}; expected 1 to 64.");
        if (MemoryBlocks is < 1 or > 64) faults.Add($"MemoryBlocks is {MemoryBlocks}; expected 1 to 64.");
        if (Neighbours is < 0 or > 4) faults.Add($"Neighbours is {Neighbours}; expected 0 to 4.");
        if (QuotedBlocks is < 0 or > 16) faults.Add($"QuotedBlocks is {QuotedBlocks}; expected 0 to 16.");
        if (Rerun is < 0 or > 1 or double.NaN) faults.Add($"Rerun is {Rerun}; expected 0 to 1.");
        if (LookAgain is < 0 or > 1024) faults.Add($"LookAgain is {LookAgain}; expected 0 to 1024.");
        if (MaxAnswerTokens is < 1 or > 4096) faults.Add($"MaxAnswerTokens is {MaxAnswerTokens}; expected 1 to 4096.");
        if (Temperature is < 0 or > 2) faults.Add($"Temperature is {Temperature}; expected 0 to 2.");
        if (TopP is <= 0 or > 1) faults.Add($"TopP is {TopP}; expected above 0 to 1.");
        if (RepetitionPenalty is < 1 or > 2) faults.Add($"RepetitionPenalty is {RepetitionPenalty}; expected 1 to 2.");
        if (faults.Count > 0) throw new ProblemException(ProblemKind.Setting, $"Section \"Answering\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
