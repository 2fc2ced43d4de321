using System.CommandLine;
using RetrievalAttention.App.Commands.Train;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra train</c>: trainings that end in minutes, one subcommand each.</summary>
public static class TrainCommand
{
    public static Command Create() => new("train", "Trains what makes use of a memory. Stop a training with Ctrl-C; the same command goes on from there.")
    {
        ListOpsCommand.Create(),
        GatesCommand.Create(),
    };
}
