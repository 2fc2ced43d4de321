using System.CommandLine;
using RetrievalAttention.App.Commands.Eval;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra eval</c>: measurements, one subcommand each.</summary>
public static class EvalCommand
{
    public static Command Create() => new("eval", SharedOptions.WithExamples(
        "Measures parts of the program against references.",
        "ra eval answers --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --only treasure --only frankenstein", "ra eval extraction --root ../shared/data/pdf"))
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
