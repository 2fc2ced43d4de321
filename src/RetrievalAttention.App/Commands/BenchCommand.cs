using System.CommandLine;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra bench</c>: speed on this machine, one subcommand each; <c>ra bench memory</c>: what the length of a book costs.</summary>
internal static class BenchCommand
{
    private const string Sample = "corpora/the-red-headed-league.sample.txt";

    public static Command Create() => new("bench", SharedOptions.WithExamples("Measures speed on this machine.", "ra bench memory --plot", "ra bench questions --threads 1 4")) { CreateMemory(), BenchQuestionsCommand.Create(), BenchFullCommand.Create() };

    private static Command CreateMemory()
    {
        Option<int[]> lengths = new("--lengths") { Description = "Lengths of the book in tokens.", HelpName = "N", DefaultValueFactory = _ => [1000, 10_000, 100_000, 1_000_000], AllowMultipleArgumentsPerToken = true };
        Option<string?> book = Book();
        Option<string?> plot = new("--plot") { Description = "Also draw it: writes NAME.png and NAME.svg. Without a name: memory.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = SharedOptions.Json();
        Command command = new("memory", SharedOptions.WithExamples(
            "Time to the first token of an answer, and tokens read and written a second, against the length of the book. The first 8,192 tokens of a text are read; longer books repeat their memory.",
            "ra bench memory --plot", "ra bench memory --lengths 1000 100000 --json"))
        {
            lengths, book, plot, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetRequiredValue(lengths), parsed.GetValue(book), parsed.GetResult(plot) is null ? null : parsed.GetValue(plot) ?? "memory", parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(int[] lengths, string? book, string? plot, bool json, CancellationToken cancellation)
    {
        if (lengths.Any(length => length is < 256 or > 100_000_000))
            throw new ProblemException(ProblemKind.Setting, $"--lengths is {string.Join(' ', lengths)}; expected 256 to 100000000 tokens.");
        if (plot is not null) WriteAccess.Require(plot);
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, model: null, device: null);
        IReadOnlyList<LengthPoint> points = WithBook(settings, book, cancellation, (document, folder, progress) =>
            new LengthMeasurement(session.Model, session.Embedder, settings.Memory, settings.Answering with { MaxAnswerTokens = 48 }, settings.Passages)
                .Run(document, [.. lengths.Order()], folder, progress, cancellation));
        ProcessorInfo processor = ProcessorInfo.Detect();
        if (json) Output.WriteJson(new { processor = processor.Name, cores = processor.Cores, model = Path.GetFileName(session.Model.Path), device = session.Device.Device.ToString(), format = settings.Memory.Format, points });
        else WriteTable(points, processor);
        if (plot is null) return ExitCodes.Success;
        LengthPlot.Save(points, plot);
        Output.Note($"Drawn as {plot}.png and {plot}.svg.");
        return ExitCodes.Success;
    }

    public static Option<string?> Book() => new("--book") { Description = $"Text whose beginning is read and repeated. Default: {Sample}.", HelpName = "FILE" };

    /// <summary>Measures with a book and a folder for its memories, which is deleted afterwards.</summary>
    public static T WithBook<T>(AllSettings settings, string? book, CancellationToken cancellation, Func<Document, string, ProgressLine, T> measure)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ra-bench-");
        try
        {
            using ProgressLine progress = new();
            return measure(Session.Read(settings, book ?? Path.Combine(settings.Home, Sample), progress, cancellation), folder.FullName, progress);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void WriteTable(IReadOnlyList<LengthPoint> points, ProcessorInfo processor)
    {
        Table table = new("Tokens", "First token", "of it finding", "Writing", "Reading", "On disk", "Resident");
        foreach (LengthPoint point in points)
        {
            table.Add(
                $"{point.Tokens:N0}", $"{point.FirstTokenMilliseconds:N0} ms", $"{point.RetrievalMilliseconds:N0} ms", $"{point.WritingTokensPerSecond:N1} tokens/s",
                $"{point.ReadingTokensPerSecond:N0} tokens/s", $"{point.BytesPerToken:N0} bytes/token", $"{point.ResidentBytes / 1e9:N1} GB");
        }
        Console.WriteLine($"{processor.Name}, {processor.Cores} cores");
        table.Write();
    }
}
