using System.Diagnostics;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Runs a program to its end with a time limit; on cancellation or when time is up it is killed with its children.</summary>
internal static class ExternalProgram
{
    /// <param name="Problem">Why it did not succeed; empty when it did.</param>
    public readonly record struct Result(bool Succeeded, string Output, string Errors, string Problem);

    /// <summary>Well below the shortest silence that is allowed.</summary>
    private static readonly TimeSpan WaitingInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>The program's full path; null when no folder of PATH holds it.</summary>
    public static string? OnPath(string program)
    {
        string file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <param name="waiting">Called again and again while the program runs.</param>
    public static Result Run(string program, IReadOnlyList<string> arguments, TimeSpan timeLimit, CancellationToken cancellation, Action? waiting = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using Process process = Process.Start(start)
            ?? throw new ProblemException(ProblemKind.Environment, $"{program} could not be started.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeLimit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            Task end = Task.WhenAll(output, errors, process.WaitForExitAsync(limit.Token));
            while (Task.WaitAny([end], WaitingInterval) < 0) waiting?.Invoke();
            end.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new Result(false, "", "", $"it took more than {timeLimit.TotalSeconds:0} seconds");
        }
        string problem = process.ExitCode == 0 ? "" : $"it ended with code {process.ExitCode}. {errors.Result.Trim()}".TrimEnd('.');
        return new Result(process.ExitCode == 0, output.Result, errors.Result, problem);
    }
}
