using System.CommandLine;
using System.CommandLine.Invocation;
using RetrievalAttention.App.Commands;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App;

public static class Program
{
    /// <summary>A step of a model that is slower than this is cut off; the process is gone within five seconds, and the next run begins at the last checkpoint.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(3);

    /// <summary>Set to 1, every failure also tells where in the program it happened.</summary>
    private const string TraceVariable = "RA_TRACE";

    public static async Task<int> Main(string[] arguments)
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        ParseResult parsed = CommandLine.Create().Parse(arguments);
        try
        {
            // What is wrong should not scroll away above a page of help; where a command is missing, the help lists them.
            bool showsHelp = parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0;
            if (parsed.Action is ParseErrorAction mistake) mistake.ShowHelp = showsHelp;
            TimeSpan? onInterrupt = ChatCommand.HandlesInterrupts(parsed) ? null : StopWithin;
            int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = onInterrupt });
            if (parsed.Errors.Count > 0 && !showsHelp) Output.Note($"Usage and examples: {CommandLine.PathOf(parsed.CommandResult)} --help");
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (Exception error)
        {
            return Explain(error);
        }
    }

    /// <summary>Tells in a line what went wrong; where in the program, only when asked for it.</summary>
    /// <returns>The exit code.</returns>
    public static int Explain(Exception error)
    {
        (int code, string text) = error switch
        {
            OperationCanceledException => (ExitCodes.Cancelled, "Stopped. What was done is kept; the same command goes on from there."),
            ProblemException problem => (ExitCodes.For(problem.Kind), $"ra: {problem.Message}"),
            DamagedBlockException => (ExitCodes.Index, $"ra: {error.Message} {DamagedBlockException.Advice}"),
            IOException or UnauthorizedAccessException => (ExitCodes.Environment, $"ra: {error.Message}"),
            _ => (ExitCodes.Unexpected, $"ra: {error.GetType().Name}: {error.Message.TrimEnd('.')}. This is a defect of the program: please report it, with what {TraceVariable}=1 prints."),
        };
        Output.Note(text);
        if (Environment.GetEnvironmentVariable(TraceVariable) is "1") Output.Note(error.ToString());
        return code;
    }
}
