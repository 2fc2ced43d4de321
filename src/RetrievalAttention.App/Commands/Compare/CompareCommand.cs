using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Commands.Eval;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Evaluation.Comparison.Synthetic;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary><c>ra compare</c>: every kind of long-context attention on the same decoder, weights, documents and budget.</summary>
internal static class CompareCommand
{
    private const int SmallestBudget = 64;
    private const int LargestBudget = 65_536;
    private const int DefaultPlaces = 12;

    public static Command Create()
    {
        QuestionRun run = new(required: false);
        SyntheticOptions synthetic = new();
        Option<string> methods = new("--methods") { Description = $"all, or some of {string.Join(", ", ComparisonMethods.All.Select(method => method.Name))}.", HelpName = "A,B,C", DefaultValueFactory = _ => "all" };
        Option<string> measures = new("--measures") { Description = $"all, or some of {string.Join(", ", ComparisonMeasures.All.Select(measure => $"{measure.Name} ({measure.Title})"))}.", HelpName = "A,B,C", DefaultValueFactory = _ => ComparisonMeasures.Default };
        Option<int> places = new("--places") { Description = "Places a book at which its text goes on, for --measures language.", HelpName = "N", DefaultValueFactory = _ => DefaultPlaces };
        Option<string> budgets = new("--budget") { Description = "Tokens that a layer may attend to besides header, question and answer.", HelpName = "N,N", DefaultValueFactory = _ => "512,1024" };
        Option<string?> against = new("--against") { Description = $"Method that differences are taken to, one of those compared. Default: {ComparisonMethods.OfThisProject}, or the first of them.", HelpName = "METHOD" };
        Option<string?> report = new("--report") { Description = "Also write a page with table and plots.", HelpName = "FILE.html" };
        Option<string?> cells = new("--cells") { Description = "Where measured cells are kept, so that a comparison can stop and go on. Default: comparison/cells.jsonl under Library:Root.", HelpName = "FILE" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("compare", SharedOptions.WithExamples(
            "Runs every kind of long-context attention on the same model, documents and budget of attended tokens, and prints a table a measure, with 95 % intervals, seconds and bytes: "
            + "how likely the gold answer is, by depth in the document; what the model writes; a book's own text; how much of the exact attention is kept. Ctrl-C keeps what was measured. A document's keys and values are held in main memory (23 kB a token with the shipped model).",
            "ra compare --root ../shared/data --questions ../shared/data/qa/handwritten.jsonl --methods sinks,quest,rag,quoted --report report.html",
            "ra compare --root ../shared/data --questions ../shared/data/qa/handwritten.jsonl --each 4 --measures all --places 6 --report report.html",
            "ra compare --synthetic corpora/the-red-headed-league.sample.txt --lengths 1000,4000,16000 --json"))
        {
            methods, budgets, measures, places, against, report, cells, json,
        };
        run.AddTo(command);
        synthetic.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                run, synthetic, parsed,
                new Request(
                    ComparisonMethods.Parse(parsed.GetRequiredValue(methods)), Numbers("--budget", parsed.GetRequiredValue(budgets), SmallestBudget, LargestBudget),
                    ComparisonMeasures.Parse(parsed.GetRequiredValue(measures)), Places(parsed.GetValue(places)),
                    parsed.GetValue(against), parsed.GetValue(report), parsed.GetValue(cells), parsed.GetValue(json)),
                cancellation),
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

    /// <param name="Places">A book.</param>
    /// <param name="Against">Null for the default.</param>
    /// <param name="Page">Where the report is written; null for nowhere.</param>
    /// <param name="Cells">Where cells are kept; null for the library.</param>
    private sealed record Request(
        IReadOnlyList<ComparisonMethod> Methods, IReadOnlyList<int> Budgets, IReadOnlyList<ComparisonMeasure> Measures, int Places, string? Against, string? Page, string? Cells, bool Json);

    private static int Run(QuestionRun run, SyntheticOptions synthetic, ParseResult parsed, Request request, CancellationToken cancellation)
    {
        (bool ofFile, bool madeUp) = (run.IsGiven(parsed), synthetic.IsGiven(parsed));
        if (!ofFile && !madeUp)
            throw new ProblemException(ProblemKind.Setting, "There is nothing to ask. Give --questions FILE with --root DIR, or --synthetic BOOK, or both.");
        if (!ofFile && request.Measures.All(measure => measure.On == MeasuredOn.Places))
            throw new ProblemException(ProblemKind.Setting, "What is to be measured are places of books, and --synthetic gives questions only. Name books by --questions FILE with --root DIR.");
        string against = Against(request);
        if (request.Page is not null) WriteAccess.Require(request.Page);
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null, gates: "");
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        using ProgressLine progress = new();
        using CellCache cache = CellCache.Open(request.Cells ?? Path.Combine(settings.Library.Root, "comparison", "cells.jsonl"));
        using ComparisonRun comparison = new(
            session.Model, settings.Answering, new BlockRankings(BlockSearch.ByAttention(session.Model), finder.Rank, finder.RankHybrid), request.Methods, request.Budgets, request.Measures, cache, SettingsOf(session),
            (ofFile ? run.Count(parsed) : 0) + (madeUp ? synthetic.Count(parsed) : 0), ofFile ? run.Documents(parsed) * request.Places : 0, progress);
        if (ofFile) AskOfFile(run, parsed, session, finder, comparison, request.Places, progress, cancellation);
        if (madeUp) synthetic.Ask(parsed, session, finder, comparison, progress, cancellation);

        ComparisonReport report = ComparisonReport.Of(
            session.Model.Weights.Name, KvShape.Of(session.Model.Weights.Config), request.Methods, request.Budgets, request.Measures, against, comparison.Cells);
        if (request.Page is not null) ComparisonPage.Write(request.Page, report, request.Methods);
        if (request.Json) Output.WriteJson(report);
        else ComparisonText.Write(report);
        return ExitCodes.Success;
    }

    private static void AskOfFile(
        QuestionRun run, ParseResult parsed, Session session, BlockFinder finder, ComparisonRun comparison, int places, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        DocumentMemory? last = null;
        run.ForEach(
            parsed, session, finder,
            (memory, question) =>
            {
                if (!ReferenceEquals(memory, last)) comparison.Continue(memory, places, cancellation);
                last = memory;
                comparison.Ask(memory.Document, question, QuestionKind.OfAFile, () => memory, cancellation);
            },
            cancellation, progress);
    }

    private static string Against(Request request)
    {
        string[] compared = [.. request.Methods.Select(method => method.Name)];
        if (request.Against is null) return compared.Contains(ComparisonMethods.OfThisProject) ? ComparisonMethods.OfThisProject : compared[0];
        return compared.Contains(request.Against) ? request.Against
            : throw new ProblemException(ProblemKind.Setting, $"--against is '{request.Against}'; expected one of the methods that are compared: {string.Join(", ", compared)}.");
    }

    private static int Places(int places) =>
        places >= 1 ? places : throw new ProblemException(ProblemKind.Setting, $"--places is {places}; expected at least 1.");

    /// <summary>What every cell depends on besides the question.</summary>
    private static string SettingsOf(Session session) => string.Join(
        ' ', session.Model.Weights.Hash, MemoryFingerprint.HashOfIds(session.Model.HeaderIds), session.Settings.Memory, ComputeType.Name(session.Model.Decoder.Compute), session.Model.Decoder.Device, session.Settings.Passages,
        string.Join(',', session.Model.Heads.Heads), session.Model.Heads.CitationHead, session.EmbedderHash);
}
