using System.CommandLine;
using RetrievalAttention.App.Commands;
using RetrievalAttention.App.Consoles;

namespace RetrievalAttention.App;

public static class Program
{
    /// <summary>A step of a model that is slower than this is cut off; the process is gone within five seconds, and the next run begins at the last checkpoint.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    public static async Task<int> Main(string[] arguments)
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        ParseResult parsed = CommandLine.Create().Parse(arguments);
        try
        {
            TimeSpan? onInterrupt = ChatCommand.HandlesInterrupts(parsed) ? null : StopWithin;
            int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = onInterrupt });
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (OperationCanceledException)
        {
            Output.Note("Stopped. What was done is kept; the same command goes on from there.");
            return ExitCodes.Cancelled;
        }
        catch (ProblemException problem)
        {
            Output.Note($"ra: {problem.Message}");
            return ExitCodes.For(problem.Kind);
        }
    }
}
