using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Isolation;

namespace RetrievalAttention.App.Commands;

/// <summary>Hidden: the program started by itself to parse documents that may be hostile. It talks over standard input and output.</summary>
public static class ReadDocumentCommand
{
    private const string Name = "read-document";

    public static Command Create()
    {
        Command command = new(Name, "Reads documents for another process of this program.") { Hidden = true };
        command.SetAction(_ =>
        {
            // Ctrl-C and a service's stop reach this process too; whether to stop is its parent's decision, who ends it or closes the connection.
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
            DocumentChildHost.Serve(Console.OpenStandardInput(), Console.OpenStandardOutput(), DocumentReaders.All, () => Environment.Exit(ExitCodes.Success));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>How this program starts itself as a reader: its own executable, or the dotnet host with its assembly.</summary>
    public static ChildProgram OfThisProgram()
    {
        string program = Environment.ProcessPath ?? throw new ProblemException(ProblemKind.Environment, "The path of the running program is unknown, so it cannot start itself to read documents.");
        bool host = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ChildProgram(program, host ? [Assembly.GetEntryAssembly()!.Location, Name] : [Name]);
    }
}
