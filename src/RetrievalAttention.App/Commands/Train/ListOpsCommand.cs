using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Models;
using RetrievalAttention.Training.ListOps;

namespace RetrievalAttention.App.Commands.Train;

/// <summary><c>ra train listops</c>: two small transformers from scratch, without and with a memory.</summary>
internal static class ListOpsCommand
{
    private static readonly ListOpsShape Shape = new(Layers: 3, Size: 64, Heads: 4, Window: 32, MemoryKeys: 16);

    public static Command Create()
    {
        Option<int> steps = new("--steps") { Description = "Steps of each training, 16 expressions a step. Default: 1500.", HelpName = "N", DefaultValueFactory = _ => 1500 };
        Option<int> length = new("--length") { Description = "Most tokens of an expression; the fewest are three quarters of it. Default: 192.", HelpName = "N", DefaultValueFactory = _ => 192 };
        Option<int> seed = new("--seed") { Description = "Of weights and expressions. Default: 1.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string> folder = new("--out") { Description = "Folder for checkpoints and the plot of the losses. Default: listops.", HelpName = "FOLDER", DefaultValueFactory = _ => "listops" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("listops", SharedOptions.WithExamples(
            $"Trains a small transformer on ListOps (Long Range Arena) from scratch, once with a local window of {Shape.Window} tokens only and once with a memory besides ({Shape.MemoryKeys} older keys a query), and tests both on {ListOpsTraining.HeldBack:N0} expressions "
            + $"that were held back. {Shape.Layers} layers of windows do not reach from an expression's end to its first operator; a memory can.",
            "ra train listops", "ra train listops --steps 300 --out /tmp/listops --json"))
        {
            steps, length, seed, folder, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetValue(steps), parsed.GetValue(length), parsed.GetValue(seed), parsed.GetRequiredValue(folder), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(int steps, int length, int seed, string folder, bool json, CancellationToken cancellation)
    {
        if (steps < 1) throw new ProblemException(ProblemKind.Setting, $"--steps is {steps}; expected at least 1.");
        if (length is < 64 or > 2048) throw new ProblemException(ProblemKind.Setting, $"--length is {length}; expected 64 to 2048 tokens.");
        // Products of this size are quicker on the processor than the way to a GPU and back.
        Devices.Choose("cpu");
        WriteAccess.RequireFolder(folder);
        ListOpsTraining training = new(Shape, length, seed);
        using ProgressLine progress = new();
        ListOpsResult[] results = [.. new[] { false, true }.Select(memory => training.Run(memory, steps, Path.Combine(folder, memory ? "memory.checkpoint" : "window.checkpoint"), progress, cancellation))];
        string plot = Path.Combine(folder, "listops");
        LossPlot.Save([.. results.Select(result => (result.Memory ? "with memory" : "window only", result.Losses))], "cross entropy, nats", plot);
        Interval gain = Bootstrap.Difference(results[1].Correct, results[0].Correct, new Random(seed));
        if (json) WriteJson(training, results, gain, steps, length, seed, plot);
        else WriteTable(training, results, gain, plot);
        return ExitCodes.Success;
    }

    private static void WriteJson(ListOpsTraining training, ListOpsResult[] results, Interval gain, int steps, int length, int seed, string plot) => Output.WriteJson(new
    {
        task = "ListOps",
        shortest = length * 3 / 4,
        longest = length,
        steps,
        seed,
        shape = Shape,
        heldBack = ListOpsTraining.HeldBack,
        majorityClass = training.MajorityClass,
        results = results.Select(result => new { result.Memory, result.Accuracy, result.ListAccuracy, firstLoss = Start(result), lastLoss = End(result) }),
        gainOfMemory = gain,
        plot = Path.GetFileName(plot) + ".png",
    });

    private static void WriteTable(ListOpsTraining training, ListOpsResult[] results, Interval gain, string plot)
    {
        Table table = new("Attends to", "loss, first 20 steps", "last 20", "accuracy", "95 %", "of inner lists");
        foreach (ListOpsResult result in results)
            table.Add(result.Memory ? "window and memory" : "window", Number(Start(result)), Number(End(result)), Number(result.Accuracy.Mean), $"{Number(result.Accuracy.Low)} to {Number(result.Accuracy.High)}", Number(result.ListAccuracy.Mean));
        table.Add("nothing: the most frequent answer", "", "", Number(training.MajorityClass), "", "");
        table.Write();
        Console.Out.WriteLine($"Memory adds {Number(gain.Mean)} ({Number(gain.Low)} to {Number(gain.High)}){(gain.ExcludesZero ? "" : ": no difference")}. Losses: {plot}.png and .svg.");
    }

    private static double Start(ListOpsResult result) => result.Losses.Take(20).Average();

    private static double End(ListOpsResult result) => result.Losses.TakeLast(20).Average();

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
