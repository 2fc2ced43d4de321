using System.CommandLine;
using RetrievalAttention.App.Commands.Eval;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra eval</c>: measurements, one subcommand each.</summary>
public static class EvalCommand
{
    public static Command Create() => new("eval", "Measures parts of the program against references.")
    {
        AnswersCommand.Create(),
        ArrangementsCommand.Create(),
        ExtractionCommand.Create(),
        GenerationCommand.Create(),
        RetrievalCommand.Create(),
        SummaryCommand.Create(),
        WritingCommand.Create(),
    };
}
