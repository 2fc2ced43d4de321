using System.CommandLine;
using RetrievalAttention.App.Commands.Train;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra train</c>: trainings that end in minutes, one subcommand each.</summary>
public static class TrainCommand
{
    public static Command Create() => new("train", SharedOptions.WithExamples(
        "Trains what makes use of a memory. Stop a training with Ctrl-C; the same command goes on from there.",
        "ra train listops", "ra train gates --root ../shared/data/books --book summer --book dracula --held-out treasure-island"))
    {
        ListOpsCommand.Create(),
        GatesCommand.Create(),
    };
}
