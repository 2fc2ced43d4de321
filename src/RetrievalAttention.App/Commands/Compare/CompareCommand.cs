using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Commands.Eval;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Evaluation.Comparison.Synthetic;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary><c>ra compare</c>: every kind of long-context attention on the same decoder, weights, documents and budget.</summary>
internal static class CompareCommand
{
    private const int SmallestBudget = 64;
    private const int LargestBudget = 65_536;

    public static Command Create()
    {
        QuestionRun run = new(required: false);
        SyntheticOptions synthetic = new();
        Option<string> methods = new("--methods") { Description = $"all, or some of {string.Join(", ", ComparisonMethods.All.Select(method => method.Name))}.", HelpName = "A,B,C", DefaultValueFactory = _ => "all" };
        Option<string> budgets = new("--budget") { Description = "Tokens that a layer may attend to besides header, question and answer.", HelpName = "N,N", DefaultValueFactory = _ => "512,1024" };
        Option<string> against = new("--against") { Description = "Method that differences are taken to.", HelpName = "METHOD", DefaultValueFactory = _ => ComparisonMethods.OfThisProject };
        Option<string?> report = new("--report") { Description = "Also write a page with table and plots.", HelpName = "FILE.html" };
        Option<string?> cells = new("--cells") { Description = "Where measured cells are kept, so that a comparison can stop and go on. Default: comparison/cells.jsonl under Library:Root.", HelpName = "FILE" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("compare", SharedOptions.WithExamples(
            "Runs every kind of long-context attention on the same model, documents and budget of attended tokens, and prints one table: NLL of the gold answer and token accuracy with 95 % "
            + "intervals, by depth in the document, seconds and bytes. Ctrl-C keeps what was measured. A document's keys and values are held in main memory (23 kB a token with the shipped model).",
            "ra compare --root ../shared/data --questions ../shared/data/qa/handwritten.jsonl --methods sinks,quest,rag,quoted --report report.html",
            "ra compare --synthetic corpora/the-red-headed-league.sample.txt --lengths 1024,4096 --json"))
        {
            methods, budgets, against, report, cells, json,
        };
        run.AddTo(command);
        synthetic.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                run, synthetic, parsed, ComparisonMethods.Parse(parsed.GetRequiredValue(methods)), Numbers("--budget", parsed.GetRequiredValue(budgets), SmallestBudget, LargestBudget),
                parsed.GetRequiredValue(against), parsed.GetValue(report), parsed.GetValue(cells), parsed.GetValue(json), cancellation),
            cancellation));
        return command;
    }

    /// <exception cref="ProblemException">Not numbers with commas between them, or one outside its range.</exception>
    internal static IReadOnlyList<int> Numbers(string option, string text, int least, int most)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return numbers.Length > 0 && numbers.All(number => number >= least && number <= most)
            ? [.. numbers.Distinct().Order()]
            : throw new ProblemException(ProblemKind.Setting, $"{option} is '{text}'; expected whole numbers from {least} to {most} with commas between them.");
    }

    private static int Run(
        QuestionRun run, SyntheticOptions synthetic, ParseResult parsed, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, string against, string? page, string? cellFile, bool json,
        CancellationToken cancellation)
    {
        bool ofFile = run.IsGiven(parsed);
        if (!ofFile && !synthetic.IsGiven(parsed))
            throw new ProblemException(ProblemKind.Setting, "There is nothing to ask. Give --questions FILE with --root DIR, or --synthetic BOOK, or both.");
        _ = ComparisonMethods.Parse(against);
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        using ProgressLine progress = new();
        using CellCache cache = CellCache.Open(cellFile ?? Path.Combine(settings.Library.Root, "comparison", "cells.jsonl"));
        using ComparisonRun comparison = new(
            session.Model, settings.Answering, new BlockRankings(finder.Rank, finder.RankHybrid), methods, budgets, cache, SettingsOf(session),
            (ofFile ? run.Count(parsed) : 0) + (synthetic.IsGiven(parsed) ? synthetic.Count(parsed) : 0), progress);
        if (ofFile)
            run.ForEach(parsed, session, finder, (memory, question) => comparison.Ask(memory.Document, question, QuestionKind.OfAFile, () => memory, cancellation), cancellation, progress);
        if (synthetic.IsGiven(parsed)) synthetic.Ask(parsed, session, comparison, progress, cancellation);

        ComparisonReport report = ComparisonReport.Of(session.Model.Weights.Name, KvShape.Of(session.Model.Weights.Config), methods, budgets, against, comparison.Cells);
        if (page is not null) ComparisonPage.Write(page, report, methods);
        if (json) Output.WriteJson(report);
        else ComparisonText.Write(report);
        return ExitCodes.Success;
    }

    /// <summary>What every cell depends on besides the question.</summary>
    private static string SettingsOf(Session session) =>
        string.Join(' ', session.Model.Weights.Hash, MemoryFingerprint.HashOfIds(session.Model.HeaderIds), session.Settings.Memory, session.Settings.Model.Reading, session.Settings.Passages);
}
