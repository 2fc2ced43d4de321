using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval answers</c>: how likely the gold answers are, by what the model may look at.</summary>
internal static class AnswersCommand
{
    public static Command Create()
    {
        QuestionRun run = new();
        Option<bool> perQuestion = new("--per-question") { Description = "Also every question's blocks and values." };
        Option<string> ranking = new("--ranking") { Description = "The first look: 'fused' (words, embeddings and attention; the default) or 'attention' alone.", HelpName = "RANKING", DefaultValueFactory = _ => "fused" };
        ranking.AcceptOnlyFromAmong("fused", "attention");
        Option<bool> together = new("--together") { Description = "What it costs not to name the book: each question asked of its own book, of the one that words choose, and of all books of the file at once." };
        Option<string?> gates = SharedOptions.Gates();
        Option<bool> json = SharedOptions.Json();
        Command command = new("answers", SharedOptions.WithExamples(
            "NLL and token accuracy of the first gold answer: closed book; text of the gold blocks; stored memory of the gold blocks; memory of the blocks found; "
            + "the same with the text of the best two (the product's way); text of the blocks found; usual hybrid RAG. And how well the blocks are found.",
            "ra eval answers --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --only treasure --only frankenstein --json",
            "ra eval answers --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --only treasure --only frankenstein --together"))
        {
            ranking, together, perQuestion, gates, json,
        };
        run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => parsed.GetValue(together)
                ? RunTogether(run, parsed, parsed.GetRequiredValue(ranking), parsed.GetValue(perQuestion), parsed.GetValue(gates), parsed.GetValue(json), cancellation)
                : Run(run, parsed, parsed.GetRequiredValue(ranking), parsed.GetValue(perQuestion), parsed.GetValue(gates), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(QuestionRun run, ParseResult parsed, string ranking, bool perQuestion, string? gates, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null, gates: gates);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        AnswerEvaluation evaluation = new(session.Model, settings.Answering, FirstLook(ranking, session, finder), finder.RankHybrid);
        List<AnswerResult> results = [];
        run.ForEach(parsed, session, finder, (memory, question) => results.Add(evaluation.Run(memory, question)), cancellation);
        AnswerReport report = AnswerReport.Of(results);
        if (json) WriteJson(report, session, perQuestion);
        else WriteTable(report);
        return ExitCodes.Success;
    }

    private static int RunTogether(QuestionRun run, ParseResult parsed, string ranking, bool perQuestion, string? gates, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null, gates: gates);
        // Every way has its own, for a finder keeps only the last shelf prepared.
        using BlockFinder all = new(session.Model, () => session.Embedder, settings.Passages), one = new(session.Model, () => session.Embedder, settings.Passages);
        TogetherEvaluation evaluation = new(
            session.Model, settings.Answering, (shelf, question) => FirstLook(ranking, session, shelf.Books.Count > 1 ? all : one)(shelf, question), all.ChooseBook);
        List<TogetherConditions<TogetherResult>> results = [];
        run.ForEachTogether(parsed, session, (shelf, book, question) => results.Add(evaluation.Run(shelf, book, question)), cancellation);
        TogetherReport report = TogetherReport.Of(results);
        if (json) Output.WriteJson(report with { Results = perQuestion ? report.Results : [] });
        else WriteTable(report);
        return ExitCodes.Success;
    }

    private static RankBlocks FirstLook(string ranking, Session session, BlockFinder finder) => ranking == "attention" ? BlockSearch.ByAttention(session.Model) : finder.Rank;

    private static void WriteTable(TogetherReport report)
    {
        static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
        Table table = new("Asked of", "blocks of its book", "hit@1", "hit@8", "MRR", "gold attended", "NLL", "token accuracy");
        foreach ((string name, TogetherMeans means) in ((string, TogetherMeans)[])[("its book alone", report.Means.Alone), ("one book chosen by words", report.Means.Chosen), ("all books together", report.Means.Together)])
            table.Add(name, Number(means.OwnShare), Number(means.Hit["1"]), Number(means.Hit["8"]), Number(means.Mrr), Number(means.Attended), Number(means.Nll), Number(means.Accuracy));
        table.Write();
        Console.Out.WriteLine($"{report.Questions} questions. NLL of all together − of the one chosen: {Number(report.TogetherMinusChosen.Mean)} (95 % {Number(report.TogetherMinusChosen.Low)} to {Number(report.TogetherMinusChosen.High)}); "
            + $"− of its book alone: {Number(report.TogetherMinusAlone.Mean)} ({Number(report.TogetherMinusAlone.Low)} to {Number(report.TogetherMinusAlone.High)}).");
    }

    private static void WriteJson(AnswerReport report, Session session, bool perQuestion) => Output.WriteJson(new
    {
        report.Questions,
        report.Nll,
        report.Accuracy,
        report.Hit,
        report.Mrr,
        report.MrrSecondLook,
        model = session.Model.Weights.Name,
        device = session.Device.Device.ToString(),
        results = perQuestion ? report.Results : null,
    });

    private static void WriteTable(AnswerReport report)
    {
        static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
        Table table = new("The model may look at", "NLL", "token accuracy");
        table.Add("nothing (closed book)", Number(report.Nll.Closed), Number(report.Accuracy.Closed));
        table.Add("text of the gold blocks", Number(report.Nll.GoldText), Number(report.Accuracy.GoldText));
        table.Add("memory of the gold blocks", Number(report.Nll.GoldMemory), Number(report.Accuracy.GoldMemory));
        table.Add("memory of the blocks found", Number(report.Nll.FoundMemory), Number(report.Accuracy.FoundMemory));
        table.Add("the same, best two quoted", Number(report.Nll.FoundMemoryQuoted), Number(report.Accuracy.FoundMemoryQuoted));
        table.Add("text of the blocks found", Number(report.Nll.FoundText), Number(report.Accuracy.FoundText));
        table.Add("usual hybrid RAG: text found by words and embeddings", Number(report.Nll.HybridText), Number(report.Accuracy.HybridText));
        table.Write();
        Console.Out.WriteLine($"{report.Questions} questions. Found: {string.Join(", ", report.Hit.Select(hit => $"hit@{hit.Key} {Number(hit.Value)}"))}, MRR {Number(report.Mrr)}, after the second look {Number(report.MrrSecondLook)}.");
    }
}
