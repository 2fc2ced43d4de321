using RetrievalAttention.Answering.Summaries.Written;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>How long a summary is.</summary>
public enum SummaryLength
{
    Short,
    Medium,
    Long,
}

/// <summary>Where a sentence of a summary came from.</summary>
public enum SummarySentenceKind
{
    /// <summary>It stands in the document, word for word.</summary>
    Quoted,

    /// <summary>The model wrote it.</summary>
    Written,
}

/// <summary>A stretch of the document that a sentence of a summary rests on.</summary>
/// <param name="Section">Heading path, joined by " › ".</param>
/// <param name="Page">Label of the printed page; null without pages.</param>
/// <param name="Start">As in <see cref="Documents.Locator.Start"/>.</param>
/// <param name="FirstBlock">The block of 64 tokens in which it begins.</param>
/// <param name="LastBlock">The block in which it ends.</param>
public sealed record SummarySource(string Section, string? Page, int Start, int End, int FirstBlock, int LastBlock);

/// <param name="Support">Of a written sentence: how much likelier the sources make it, in nats a token. Null for a quoted one, which is its own support.</param>
public sealed record SummarySentence(string Text, SummarySentenceKind Kind, IReadOnlyList<SummarySource> Sources, double? Support);

/// <summary>What the summary says of one part of the document.</summary>
/// <param name="Words">Words of the part.</param>
public sealed record PartSummary(IReadOnlyList<string> HeadingPath, int Words, IReadOnlyList<SummarySentence> Sentences);

/// <summary>How much of the document the summary rests on, counted.</summary>
/// <param name="BlocksRead">Blocks of 64 tokens whose sentences were compared.</param>
/// <param name="SectionsUsed">Parts of the document with a sentence in the summary.</param>
/// <param name="Sections">Parts of the document with anything to quote.</param>
public sealed record SummaryCoverage(int BlocksRead, int Blocks, int SectionsUsed, int Sections)
{
    /// <summary>Share of blocks read, 0 to 1.</summary>
    public double Share => Blocks == 0 ? 0 : (double)BlocksRead / Blocks;
}

/// <summary>A summary of a whole document, or of the sections asked for.</summary>
/// <param name="Words">Words of the summary.</param>
/// <param name="BookWords">Words of the document that could be quoted.</param>
/// <param name="Notes">What a person should know about it, as complete sentences.</param>
public sealed record BookSummary(
    string Title, SummaryLength Length, IReadOnlyList<PartSummary> Parts, SummaryCoverage Coverage, int Words, int BookWords, IReadOnlyList<string> Notes)
{
    /// <summary>The whole in a few sentences, made from those of the parts; empty in a summary that only quotes.</summary>
    public IReadOnlyList<SummarySentence> Overview { get; init; } = [];

    /// <summary>What became of what the model wrote; null in a summary that only quotes.</summary>
    public WritingCounts? Writing { get; init; }

    /// <summary>Of the parts, in document order.</summary>
    public IEnumerable<SummarySentence> Sentences => Parts.SelectMany(part => part.Sentences);
}
