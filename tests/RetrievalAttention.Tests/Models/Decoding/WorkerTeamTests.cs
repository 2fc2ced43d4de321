using RetrievalAttention.Models.Decoding;

namespace RetrievalAttention.Tests.Models.Decoding;

public class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void EveryRowIsDoneOnceInEveryPiece(int threads)
    {
        const int Pieces = 3000;
        using WorkerTeam team = new(threads);
        var random = new Random(threads);
        for (int piece = 0; piece < Pieces; piece++)
        {
            CountedRows work = new(random.Next(1, 200));
            team.Run(work, random.Next(1, 20));
            Assert.All(work.Done, done => Assert.Equal(1, done));
        }
    }

    [Fact]
    public void WorkersThatWentToSleepTakePartAgain()
    {
        using WorkerTeam team = new(2);
        for (int piece = 0; piece < 20; piece++)
        {
            CountedRows work = new(64);
            team.Run(work, 1);
            Assert.All(work.Done, done => Assert.Equal(1, done));
            Thread.Sleep(2);
        }
    }

    [Fact]
    public void ATeamThatSleepsCanBeDisposed()
    {
        for (int i = 0; i < 50; i++)
        {
            WorkerTeam team = new(4);
            if (i % 2 == 0) Thread.Sleep(1);
            team.Dispose();
        }
    }

    private sealed class CountedRows(int rows) : IRangeWork
    {
        public int[] Done { get; } = new int[rows];

        public int Rows => rows;

        public void Run(int first, int count)
        {
            for (int row = first; row < first + count; row++) Done[row]++;
        }
    }
}
