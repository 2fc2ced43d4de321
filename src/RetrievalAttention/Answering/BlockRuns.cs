using RetrievalAttention.Memory;

namespace RetrievalAttention.Answering;

/// <summary>Runs of adjacent blocks of one book: they read on as the text does, which single blocks do not.</summary>
public static class BlockRuns
{
    /// <summary>Blocks together with some before and after each in its book, in the order of the shelf.</summary>
    public static IReadOnlyList<int> Around(MemoryShelf shelf, IEnumerable<int> blocks, int before, int after) =>
    [
        .. blocks.SelectMany(block => Enumerable.Range(block - before, before + 1 + after).Where(other => other >= 0 && other < shelf.Blocks && shelf.Locate(other).Book == shelf.Locate(block).Book))
            .Distinct().Order(),
    ];

    /// <summary>Blocks that follow each other in the order given and in one book.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Of(MemoryShelf shelf, IEnumerable<int> blocks)
    {
        List<List<int>> runs = [];
        foreach (int block in blocks)
        {
            if (runs.Count > 0 && runs[^1][^1] == block - 1 && shelf.Locate(block).Block > 0) runs[^1].Add(block);
            else runs.Add([block]);
        }
        return runs;
    }

    /// <summary>The same blocks, but in each book the runs with better blocks later, next to the question: a small model trusts what it read last.</summary>
    /// <param name="blocks">In the order of the shelf.</param>
    /// <param name="ranked">Best first; every run has one of them.</param>
    public static IReadOnlyList<int> BestLast(MemoryShelf shelf, IEnumerable<int> blocks, IReadOnlyList<int> ranked)
    {
        int RankOf(IReadOnlyList<int> run) => Enumerable.Range(0, ranked.Count).First(rank => run.Contains(ranked[rank]));
        return [.. Of(shelf, blocks).OrderBy(run => shelf.Locate(run[0]).Book).ThenByDescending(RankOf).SelectMany(run => run)];
    }

    /// <summary>
    /// The best blocks and the block after each (RETRO's neighbour and continuation, Borgeaud et al. 2022), in document order. A block that already follows
    /// a better one lengthens that run: runs serve better than single blocks (design section 4).
    /// </summary>
    /// <param name="runs">Twice as many blocks are chosen, as far as there are so many.</param>
    public static IReadOnlyList<int> Best(IReadOnlyList<double> scores, int runs)
    {
        SortedSet<int> chosen = [];
        foreach (int best in BlockSearch.RankByScore(scores))
        {
            foreach (int block in (int[])[best, best + 1])
                if (chosen.Count < 2 * runs && block < scores.Count) chosen.Add(block);
            if (chosen.Count == 2 * runs) break;
        }
        return [.. chosen];
    }
}
