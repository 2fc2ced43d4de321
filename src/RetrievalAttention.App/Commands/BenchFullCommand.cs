using System.CommandLine;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra bench full</c>: what attending to all of a book would cost.</summary>
internal static class BenchFullCommand
{
    public static Command Create()
    {
        Option<int[]> lengths = new("--lengths") { Description = "Tokens that are all attended to.", HelpName = "N", DefaultValueFactory = _ => [1000, 8000, 32_000, 100_000], AllowMultipleArgumentsPerToken = true };
        Option<string?> book = BenchCommand.Book();
        Option<bool> json = SharedOptions.Json();
        Command command = new("full", SharedOptions.WithExamples(
            "Cost of full attention, to compare with: every token of the book in the context of every layer, in float32. Measured at each length: loading them from the memory, the first token after "
            + "a question, tokens written, and 128 tokens more of reading. 100,000 tokens of the shipped model take 4.6 GB. Positions exceed what the model was trained on: only the cost means something.",
            "ra bench full", "ra bench full --lengths 1000 32000 --json"))
        {
            lengths, book, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetRequiredValue(lengths), parsed.GetValue(book), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(int[] lengths, string? book, bool json, CancellationToken cancellation)
    {
        if (lengths.Any(length => length is < 256 or > 1_000_000))
            throw new ProblemException(ProblemKind.Setting, $"--lengths is {string.Join(' ', lengths)}; expected 256 to 1000000 tokens.");
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, model: null, device: null);
        IReadOnlyList<FullAttentionPoint> points = BenchCommand.WithBook(settings, book, cancellation, (document, folder, progress) =>
            new FullAttentionMeasurement(session.Model, settings.Memory).Run(document, [.. lengths.Order()], folder, progress, cancellation));
        ProcessorInfo processor = ProcessorInfo.Detect();
        if (json)
        {
            Output.WriteJson(new { processor = processor.Name, cores = processor.Cores, model = Path.GetFileName(session.Model.Path), points });
            return ExitCodes.Success;
        }
        Table table = new("Tokens", "Loading", "First token", "Writing", "Reading", "Context");
        foreach (FullAttentionPoint point in points)
        {
            table.Add($"{point.Tokens:N0}", $"{point.LoadMilliseconds:N0} ms", $"{point.FirstTokenMilliseconds:N0} ms", $"{point.WritingTokensPerSecond:N1} tokens/s", $"{point.ReadingTokensPerSecond:N1} tokens/s",
                $"{point.ContextBytes / 1e9:N2} GB");
        }
        Console.WriteLine($"{processor.Name}, {processor.Cores} cores");
        table.Write();
        return ExitCodes.Success;
    }
}
