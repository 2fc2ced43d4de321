using System.CommandLine;
using System.CommandLine.Parsing;
using RetrievalAttention.App.Commands.Compare;

namespace RetrievalAttention.App.Commands;

/// <summary>All commands of the program, one file each.</summary>
public static class CommandLine
{
    public static RootCommand Create() => new("Reads whole books, keeps them in memory that attention retrieves from, and answers over them.")
    {
        AskCommand.Create(),
        ChatCommand.Create(),
        SearchCommand.Create(),
        WriteCommand.Create(),
        SummarizeCommand.Create(),
        OutlineCommand.Create(),
        IngestCommand.Create(),
        ListCommand.Create(),
        ShowCommand.Create(),
        RemoveCommand.Create(),
        StatusCommand.Create(),
        RetryCommand.Create(),
        WorkerCommand.Create(),
        MemoryCommand.Create(),
        CalibrateCommand.Create(),
        DoctorCommand.Create(),
        BenchCommand.Create(),
        EvalCommand.Create(),
        CompareCommand.Create(),
        TrainCommand.Create(),
        ReadDocumentCommand.Create(),
    };

    /// <summary>"ra memory verify".</summary>
    public static string PathOf(CommandResult command) => command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "ra";
}
