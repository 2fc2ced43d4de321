using System.Runtime.InteropServices;

namespace RetrievalAttention.Models;

/// <summary>How the threads of libtorch wait for each other inside one operation.</summary>
public static partial class ThreadWaiting
{
    private const string Policy = "OMP_WAIT_POLICY";

    /// <summary>
    /// Lets them sleep instead of spinning. Beside other busy programs a spinning thread keeps the very one that it waits for from the processor: reading ran at 15
    /// tokens a second where sleeping threads read 61. Takes effect only before libtorch is loaded; a policy that the user has set stays.
    /// </summary>
    public static void Sleep()
    {
        if (Environment.GetEnvironmentVariable(Policy) is not null) return;
        Environment.SetEnvironmentVariable(Policy, "passive");
        // .NET keeps a copy of the environment on Unix; OpenMP asks the C library.
        if (!OperatingSystem.IsWindows()) _ = SetInCLibrary(Policy, "passive", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInCLibrary(string name, string value, int overwrite);
}
