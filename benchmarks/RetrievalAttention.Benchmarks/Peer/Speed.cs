using System.Diagnostics;

namespace RetrievalAttention.Benchmarks.Peer;

/// <summary>What an engine did in one round, in tokens per second.</summary>
/// <param name="ReadShort">Reading, on average over the first <see cref="ShortContext"/> tokens.</param>
/// <param name="ReadLong">Reading, on average over the first <see cref="LongContext"/> tokens.</param>
/// <param name="WriteShort">Writing after <see cref="ShortContext"/> tokens.</param>
/// <param name="WriteLong">Writing after <see cref="LongContext"/> tokens.</param>
public sealed record Speed(double ReadShort, double ReadLong, double WriteShort, double WriteLong)
{
    public const int ShortContext = 512;
    public const int LongContext = 3500;
    public const int Written = 48;

    /// <param name="tokens">At least <see cref="LongContext"/> ids of ordinary prose.</param>
    public static Speed Measure(IMeasuredEngine engine, IReadOnlyList<int> tokens)
    {
        (double readShort, double writeShort) = ReadAndWrite(engine, [.. tokens.Take(ShortContext)]);
        (double readLong, double writeLong) = ReadAndWrite(engine, [.. tokens.Take(LongContext)]);
        return new Speed(readShort, readLong, writeShort, writeLong);
    }

    /// <summary>The middle round of each quantity, for machines are disturbed now and then.</summary>
    public static Speed Median(IReadOnlyCollection<Speed> rounds) => new(
        Median(rounds, round => round.ReadShort), Median(rounds, round => round.ReadLong), Median(rounds, round => round.WriteShort), Median(rounds, round => round.WriteLong));

    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public static double Median<T>(IReadOnlyCollection<T> rounds, Func<T, double> quantity)
    {
        double[] sorted = [.. rounds.Select(quantity).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static (double Read, double Write) ReadAndWrite(IMeasuredEngine engine, int[] text)
    {
        engine.Clear();
        double read = Seconds(() => engine.Read(text));
        double write = Seconds(() => engine.Write(Written));
        return (text.Length / read, Written / write);
    }
}
