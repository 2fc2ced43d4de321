using System.CommandLine;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra bench questions</c>: questions answered a second when several threads ask at once.</summary>
internal static class BenchQuestionsCommand
{
    /// <summary>The first token and 16 more.</summary>
    private const int AnswerTokens = 17;

    private sealed record Request(int[] Threads, int Length, int Questions, string? Book, bool Json);

    public static Command Create()
    {
        Option<int[]> threads = new("--threads") { Description = "Threads that ask at once.", HelpName = "N", DefaultValueFactory = _ => [1, 4], AllowMultipleArgumentsPerToken = true };
        Option<int> length = new("--length") { Description = "Length of the book in tokens.", HelpName = "N", DefaultValueFactory = _ => 100_000 };
        Option<int> questions = new("--questions") { Description = "Questions asked by each number of threads.", HelpName = "N", DefaultValueFactory = _ => 40 };
        Option<string?> book = BenchCommand.Book();
        Option<bool> json = SharedOptions.Json();
        Command command = new("questions", SharedOptions.WithExamples(
            $"Questions answered a second, each with {AnswerTokens} tokens, when several threads ask one model about one book; and whether the answers are those that one thread gets.",
            "ra bench questions", "ra bench questions --threads 1 2 4 8 --questions 80 --json"))
        {
            threads, length, questions, book, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(parsed.GetRequiredValue(threads), parsed.GetValue(length), parsed.GetValue(questions), parsed.GetValue(book), parsed.GetValue(json)), cancellation),
            cancellation));
        return command;
    }

    private static int Run(Request request, CancellationToken cancellation)
    {
        if (request.Threads.Any(count => count is < 1 or > 256))
            throw new ProblemException(ProblemKind.Setting, $"--threads is {string.Join(' ', request.Threads)}; expected 1 to 256.");
        if (request.Questions is < 1 or > 100_000) throw new ProblemException(ProblemKind.Setting, $"--questions is {request.Questions}; expected 1 to 100000.");
        if (request.Length is < 256 or > 100_000_000) throw new ProblemException(ProblemKind.Setting, $"--length is {request.Length}; expected 256 to 100000000 tokens.");
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, model: null, device: null);
        IReadOnlyList<ThroughputPoint> points = BenchCommand.WithBook(settings, request.Book, cancellation, (document, folder, progress) =>
            new ThroughputMeasurement(session.Model, session.Embedder, settings.Memory, settings.Answering with { MaxAnswerTokens = AnswerTokens }, settings.Passages)
                .Run(document, request.Length, request.Threads, request.Questions, folder, progress, cancellation));
        ProcessorInfo processor = ProcessorInfo.Detect();
        if (request.Json)
        {
            Output.WriteJson(new { processor = processor.Name, cores = processor.Cores, model = Path.GetFileName(session.Model.Path), length = request.Length, answerTokens = AnswerTokens, points });
            return ExitCodes.Success;
        }
        Table table = new("Threads", "Questions a second", "Median answer", "Same answers");
        foreach (ThroughputPoint point in points) table.Add($"{point.Threads}", $"{point.QuestionsPerSecond:N2}", $"{point.MedianSeconds:N2} s", point.SameAnswers ? "yes" : "no");
        Console.WriteLine($"{processor.Name}, {processor.Cores} cores; {request.Length:N0} tokens, {AnswerTokens} tokens an answer");
        table.Write();
        return ExitCodes.Success;
    }
}
