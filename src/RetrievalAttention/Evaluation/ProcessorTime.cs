using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RetrievalAttention.Evaluation;

/// <summary>What work costs in time of processors, which other programs on the machine hardly change.</summary>
internal static class ProcessorTime
{
    private const int Children = -1;

    /// <summary>Of this process, all its threads.</summary>
    public static TimeSpan Own(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        return Environment.CpuUsage.TotalTime - before;
    }

    /// <summary>Of the processes that the work starts and waits for. Only Linux tells it afterwards; elsewhere it is the time that passed.</summary>
    public static TimeSpan OfChildren(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan? before = EndedChildren();
        work();
        return before is null ? Stopwatch.GetElapsedTime(start) : EndedChildren()!.Value - before.Value;
    }

    private static TimeSpan? EndedChildren()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return null;
        // struct rusage: user and system time in seconds and microseconds, then fourteen counts.
        var usage = new long[18];
        return GetResourceUsage(Children, usage) == 0 ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]) : null;
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int GetResourceUsage(int who, [Out] long[] usage);
}
