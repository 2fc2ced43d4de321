using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Tests.Memory;

namespace RetrievalAttention.Tests.Answering;

public sealed class BlockRunsTests : IClassFixture<TinyMemories>, IDisposable
{
    private readonly DocumentMemory _one, _other;
    private readonly MemoryShelf _shelf;
    private readonly int _second;

    public BlockRunsTests(TinyMemories tiny)
    {
        (_one, _other) = (tiny.Open(tiny.NewFolder()), tiny.Open(tiny.NewFolder()));
        _shelf = new MemoryShelf(_one, _other);
        _second = _shelf.NumberOf(1, 0);
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void RunsAreChosenBestFirstAndGrow()
    {
        Assert.Equal([2, 3, 7, 8], BlockRuns.Best([0, 0, 9, 1, 0, 0, 0, 8, 0], 2));
        Assert.Equal([2, 3, 4, 7], BlockRuns.Best([0, 0, 9, 8, 0, 0, 0, 7], 2));
        Assert.Equal([0, 1], BlockRuns.Best([1, 2], 4));
        Assert.Empty(BlockRuns.Best([], 4));
    }

    [Fact]
    public void NeighboursAreOfTheSameBook()
    {
        Assert.Equal([0, 1, 4, 5, 6], BlockRuns.Around(_shelf, [5, 0], 1, 1));
        Assert.Equal([_second - 2, _second - 1, _second, _second + 1], BlockRuns.Around(_shelf, [_second - 1, _second], 1, 1));
        Assert.Equal([_second - 1], BlockRuns.Around(_shelf, [_second - 1], 0, 1));
        Assert.Equal([_shelf.Blocks - 2, _shelf.Blocks - 1], BlockRuns.Around(_shelf, [_shelf.Blocks - 1], 1, 2));
    }

    [Fact]
    public void RunsEndWhereABlockIsMissingOrABookEnds() =>
        Assert.Equal([[1, 2], [4], [_second - 1], [_second, _second + 1], [3]], BlockRuns.Of(_shelf, [1, 2, 4, _second - 1, _second, _second + 1, 3]).Select(run => run.ToArray()));

    [Fact]
    public void TheBestRunStandsLastInItsBook()
    {
        Assert.Equal([8, 9, 4, 5, 1, 2], BlockRuns.BestLast(_shelf, [1, 2, 4, 5, 8, 9], [2, 4, 9]));
        Assert.Equal([5, 1, _second + 4, _second], BlockRuns.BestLast(_shelf, [1, 5, _second, _second + 4], [_second, 1, 5, _second + 4]));
    }

    [Fact]
    public void AttendedAreTheBetterHalfWithNeighboursOrTheBestAlone()
    {
        int[] ranked = [7, 2, 9, 4, 0, 1];
        Assert.Equal([0, 1, 2, 4, 7, 9], Answerer.Attended(_shelf, ranked, new AnsweringOptions { MemoryBlocks = 6, Neighbours = 0 }));
        Assert.Equal([1, 2, 3, 6, 7, 8], Answerer.Attended(_shelf, ranked, new AnsweringOptions { MemoryBlocks = 4, Neighbours = 1 }));
        Assert.Equal([1, 2, 3, 6, 7, 8, 9, 10], Answerer.Attended(_shelf, ranked, new AnsweringOptions { MemoryBlocks = 6, Neighbours = 1 }));
        Assert.Equal([6, 7, 8], Answerer.Attended(_shelf, ranked, new AnsweringOptions { MemoryBlocks = 2, Neighbours = 1 }));
    }
}
