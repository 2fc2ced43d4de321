using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval generation</c>: what a user would get: written answers, their sources, and whether support can be trusted.</summary>
internal static class GenerationCommand
{
    public static Command Create()
    {
        QuestionRun run = new();
        GenerationOptions generation = new();
        Option<string?> foreign = new("--foreign") { Description = "Also ask each document one question a question from this file, about other documents: support should tell them apart.", HelpName = "FILE" };
        Option<bool> perQuestion = new("--per-question") { Description = "Also every question with what was written." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("generation", SharedOptions.WithExamples(
            "Token F1 and exact match of the answers that are written, whether the first source is the evidence, and support for questions of its own and of other documents.",
            "ra eval generation --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --json"))
        {
            foreign, perQuestion, json,
        };
        run.AddTo(command);
        generation.AddSamplingTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(run, parsed, generation, parsed.GetValue(foreign), parsed.GetValue(perQuestion), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(
        QuestionRun run, ParseResult parsed, GenerationOptions generation, string? foreignFile, bool perQuestion, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        Question[] foreign = foreignFile is null ? [] : [.. QuestionFile.Read(foreignFile)];
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        GenerationEvaluation evaluation = new(new Answerer(session.Model, generation.Apply(parsed, settings.Answering), finder.Rank));
        List<GenerationResult> results = [];
        run.ForEach(parsed, session, finder, (memory, question) =>
        {
            Question? other = GenerationEvaluation.Foreign(foreign, results.Count, memory.Document.Path);
            results.Add(evaluation.Run(memory, question, other?.UnscopedText ?? other?.Text, cancellation));
        }, cancellation);

        GenerationReport report = GenerationReport.Of(results);
        if (json) Output.WriteJson(report with { Results = perQuestion ? report.Results : [] });
        else WriteText(report);
        return ExitCodes.Success;
    }

    private static void WriteText(GenerationReport report)
    {
        static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
        Console.Out.WriteLine($"{report.Questions} questions: token F1 {Number(report.F1)}, exact match {Number(report.ExactMatch)}.");
        Console.Out.WriteLine($"The first source is the evidence for {Number(report.CitedFirst)} of them, any source for {Number(report.AmongSources)}.");
        Console.Out.WriteLine($"Support {Number(report.Support)}, for foreign questions {Number(report.ForeignSupport)}; AUC {Number(report.SupportAuc)}.");
        Console.Out.WriteLine($"Called supported: {Number(report.Supported)} of the answers, {Number(report.RightSupported)} of those with a right word, {Number(report.ForeignSupported)} of those to foreign questions.");
        Console.Out.WriteLine($"First token {report.MedianFirstTokenMilliseconds:0} ms, {report.MedianTokensPerSecond:0} tokens/s (medians).");
    }
}
