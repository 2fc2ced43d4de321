namespace RetrievalAttention.Answering.Writing;

/// <summary>How texts over a book are written. Section "Writing" of appsettings.json.</summary>
public sealed record WritingOptions
{
    /// <summary>Tokens after which the heads look again for blocks of the book. Range 1 to 1024. Default: 16 (design section 4).</summary>
    public int LookEvery { get; init; } = 16;

    /// <summary>Last tokens whose queries look. Range 1 to 1024. Default: 64 (design section 4).</summary>
    public int LookTokens { get; init; } = 64;

    /// <summary>Best blocks of the book that are attended to, each with the block after it. Range 1 to 32. Default: 4 (design section 4).</summary>
    public int BookRuns { get; init; } = 4;

    /// <summary>The same of the text's own beginning, once it is out of sight. 0 forgets it. Range 0 to 32. Default: 1.</summary>
    public int DraftRuns { get; init; } = 1;

    /// <summary>First blocks of the book that stand for its style where nothing is looked for. Range 1 to 64. Default: 8 (design section 4).</summary>
    public int StyleBlocks { get; init; } = 8;

    /// <summary>Last tokens of the text that are attended to in full. Range 128 to 16384, and never more than the model was trained on. Default: 960.</summary>
    public int LocalTokens { get; init; } = 960;

    /// <summary>Unlike answers, texts are drawn by lot: the likeliest tokens repeat themselves. 0 takes the likeliest. Range 0 to 2. Default: 0.5, for small models lose the thread above.</summary>
    public double Temperature { get; init; } = 0.5;

    /// <summary>Draw from the likeliest tokens that make up this probability. Range above 0 to 1. Default: 0.9.</summary>
    public double TopP { get; init; } = 0.9;

    /// <summary>Divides the scores of words of the last <see cref="PenaltyTokens"/> tokens, never of names. Range 1 to 2; 1 is off. Default: 1.1.</summary>
    public double RepetitionPenalty { get; init; } = 1.1;

    /// <summary>Range 1 to 4096. Default: 256.</summary>
    public int PenaltyTokens { get; init; } = 256;

    /// <summary>This many tokens never follow each other twice, unless the last belongs to a name. Range 2 to 64; 0 is off. Default: 6.</summary>
    public int NoRepeatTokens { get; init; } = 6;

    /// <summary>How tokens are drawn when texts are written; the seed is that of answers.</summary>
    public AnsweringOptions Sampling(AnsweringOptions answers) =>
        answers with { Temperature = Temperature, TopP = TopP, RepetitionPenalty = RepetitionPenalty };

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most) faults.Add($"{name} is {value}; expected {least} to {most}.");
        }
        Check(nameof(LookEvery), LookEvery, 1, 1024);
        Check(nameof(LookTokens), LookTokens, 1, 1024);
        Check(nameof(BookRuns), BookRuns, 1, 32);
        Check(nameof(DraftRuns), DraftRuns, 0, 32);
        Check(nameof(StyleBlocks), StyleBlocks, 1, 64);
        Check(nameof(LocalTokens), LocalTokens, 128, 16384);
        Check(nameof(PenaltyTokens), PenaltyTokens, 1, 4096);
        if (NoRepeatTokens is not 0 and (< 2 or > 64)) faults.Add($"NoRepeatTokens is {NoRepeatTokens}; expected 2 to 64, or 0.");
        if (Temperature is < 0 or > 2) faults.Add($"Temperature is {Temperature}; expected 0 to 2.");
        if (TopP is <= 0 or > 1) faults.Add($"TopP is {TopP}; expected above 0 to 1.");
        if (RepetitionPenalty is < 1 or > 2) faults.Add($"RepetitionPenalty is {RepetitionPenalty}; expected 1 to 2.");
        if (faults.Count > 0) throw new ProblemException(ProblemKind.Setting, $"Section \"Writing\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
