using RetrievalAttention.Answering;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Arrangements;

/// <summary>The blocks found for a question, from which an arrangement takes its own.</summary>
/// <param name="FirstLook">All blocks, best first.</param>
/// <param name="SecondLook">The candidates after the question was read with them in memory, best first.</param>
/// <param name="LookAtText">See <see cref="SecondLookAtText"/>.</param>
public sealed record FoundBlocks(MemoryShelf Shelf, IReadOnlyList<int> FirstLook, IReadOnlyList<int> SecondLook, Lazy<IReadOnlyList<int>> LookAtText)
{
    /// <summary>The candidates after the question was read with their text before it: what can be done where only keys are kept.</summary>
    public IReadOnlyList<int> SecondLookAtText => LookAtText.Value;

    public IReadOnlyList<int> WithNeighbours(int best, int before, int after) => BlockRuns.Around(Shelf, SecondLook.Take(best), before, after);

    public IReadOnlyList<int> BestRunLast(int best, int before, int after) => BlockRuns.BestLast(Shelf, WithNeighbours(best, before, after), SecondLook);
}

/// <summary>How found blocks stand before a question.</summary>
/// <param name="Attended">Blocks whose keys and values are attended to, in the order in which they are packed.</param>
/// <param name="Quoted">Blocks whose text stands before the question.</param>
public sealed record Layout(IReadOnlyList<int> Attended, IReadOnlyList<int> Quoted)
{
    /// <summary>Share of the tokens of each run of adjacent blocks, from its first, that are run again where they now stand, as CacheBlend (Yao et al. 2024) does for those that deviate most.</summary>
    public double Rerun { get; init; }

    /// <summary>The heading path of its section stands before each run of blocks, unless it is that of the run before.</summary>
    public bool Headings { get; init; }

    /// <summary>Positions left empty before each run of blocks.</summary>
    public int Gap { get; init; }

    /// <summary>Added to the scores of the header's tokens, the sinks.</summary>
    public double HeaderBias { get; init; }

    /// <summary>Quoted blocks are widened to whole sentences.</summary>
    public bool WholeSentences { get; init; }
}

/// <summary>One way to lay blocks before a question, with its name in the table.</summary>
public sealed record Arrangement(string Name, Func<FoundBlocks, Layout> Lay)
{
    public const string WhatAskDoes = "8 in memory, 2 quoted (what ask does)";

    /// <summary>What others are compared with.</summary>
    public static Arrangement Baseline { get; } = Of(WhatAskDoes, layout => layout);

    public static IReadOnlyList<Arrangement> All { get; } =
    [
        Baseline,
        new("8 in memory", found => new Layout(Best(found.SecondLook, 8), [])),
        new("text of 8", found => new Layout([], Best(found.SecondLook, 8))),
        new("text of 8, without a second look", found => new Layout([], Best(found.FirstLook, 8))),
        new("text of 8, second look at text", found => new Layout([], Best(found.SecondLookAtText, 8))),
        new("text of 4, without a second look", found => new Layout([], Best(found.FirstLook, 4))),
        new("text of 4, second look at text", found => new Layout([], Best(found.SecondLookAtText, 4))),
        Of("15 % of each run run again", layout => layout with { Rerun = 0.15 }),
        Of("30 % of each run run again", layout => layout with { Rerun = 0.30 }),
        Of("headings before runs", layout => layout with { Headings = true }),
        Of("whole sentences quoted", layout => layout with { WholeSentences = true }),
        new("4 best and the block after each, 2 quoted", found => new Layout(found.WithNeighbours(4, 0, 1), Best(found.SecondLook, 2))),
        new("4 best and both neighbours, 2 quoted", found => new Layout(found.WithNeighbours(4, 1, 1), Best(found.SecondLook, 2))),
        new("4 best and the block after each, 15 % run again, 2 quoted", found => new Layout(found.WithNeighbours(4, 0, 1), Best(found.SecondLook, 2)) { Rerun = 0.15 }),
        new("4 best and both neighbours, 15 % run again, 2 quoted", found => new Layout(found.WithNeighbours(4, 1, 1), Best(found.SecondLook, 2)) { Rerun = 0.15 }),
        new("4 best and both neighbours, best run last, 2 quoted (Neighbours = 1)", found => new Layout(found.BestRunLast(4, 1, 1), Best(found.SecondLook, 2))),
        new("4 best and both neighbours, best run last, 15 % run again, 2 quoted", found => new Layout(found.BestRunLast(4, 1, 1), Best(found.SecondLook, 2)) { Rerun = 0.15 }),
        new("4 best and the block after each, best run last, 2 quoted", found => new Layout(found.BestRunLast(4, 0, 1), Best(found.SecondLook, 2))),
        new("3 best and both neighbours, best run last, 2 quoted", found => new Layout(found.BestRunLast(3, 1, 1), Best(found.SecondLook, 2))),
        new("6 best and both neighbours, 2 quoted", found => new Layout(found.WithNeighbours(6, 1, 1), Best(found.SecondLook, 2))),
        new("8 in memory, best with both neighbours quoted", found => new Layout(Best(found.SecondLook, 8), found.WithNeighbours(1, 1, 1))),
        new("best last, 2 quoted", found => new Layout([.. found.SecondLook.Take(8).Reverse()], Best(found.SecondLook, 2))),
        new("best first, 2 quoted", found => new Layout([.. found.SecondLook.Take(8)], Best(found.SecondLook, 2))),
        Of("gaps of 16 positions", layout => layout with { Gap = 16 }),
        Of("gaps of 64 positions", layout => layout with { Gap = 64 }),
        Of("header scores +1", layout => layout with { HeaderBias = 1 }),
        Of("header scores -1", layout => layout with { HeaderBias = -1 }),
    ];

    private static Arrangement Of(string name, Func<Layout, Layout> change) =>
        new(name, found => change(new Layout(Best(found.SecondLook, 8), Best(found.SecondLook, 2))));

    private static IReadOnlyList<int> Best(IReadOnlyList<int> ranked, int count) => [.. ranked.Take(count).Order()];
}
