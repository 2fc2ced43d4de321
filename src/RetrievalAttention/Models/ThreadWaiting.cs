using System.Runtime.InteropServices;

namespace RetrievalAttention.Models;

/// <summary>How the threads of libtorch wait for each other inside one operation.</summary>
public static partial class ThreadWaiting
{
    private const string Policy = "OMP_WAIT_POLICY", Spins = "GOMP_SPINCOUNT";

    /// <summary>
    /// Lets them sleep, after about ten microseconds of spinning. Endless spinning takes the processor from the very thread that is waited for when other programs are busy: reading
    /// ran at 15 tokens a second where sleeping threads read 61. But an answer is some thousand short operations, and waking a sleeper after each cost it a sixth: first
    /// token in float32 433 ms without the short spin, 371 ms with it. Takes effect only before libtorch is loaded; what the user has set stays.
    /// </summary>
    public static void Sleep()
    {
        if (Environment.GetEnvironmentVariable(Policy) is not null) return;
        Set(Policy, "passive");
        if (Environment.GetEnvironmentVariable(Spins) is null) Set(Spins, "1000");
    }

    private static void Set(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        // .NET keeps a copy of the environment on Unix; OpenMP asks the C library.
        if (!OperatingSystem.IsWindows()) _ = SetInCLibrary(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInCLibrary(string name, string value, int overwrite);
}
