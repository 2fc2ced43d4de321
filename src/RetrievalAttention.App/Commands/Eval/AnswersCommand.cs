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
        Option<bool> json = SharedOptions.Json();
        Command command = new("answers", SharedOptions.WithExamples(
            "NLL and token accuracy of the first gold answer: closed book; text of the gold blocks; stored memory of the gold blocks; memory of the blocks found; "
            + "the same with the text of the best two (the product's way); text of the blocks found; usual hybrid RAG. And how well the blocks are found.",
            "ra eval answers --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --only treasure --only frankenstein --json"))
        {
            ranking, perQuestion, json,
        };
        run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(run, parsed, parsed.GetRequiredValue(ranking), parsed.GetValue(perQuestion), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(QuestionRun run, ParseResult parsed, string ranking, bool perQuestion, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        AnswerEvaluation evaluation = new(session.Model, settings.Answering, ranking == "attention" ? BlockSearch.ByAttention(session.Model) : finder.Rank, finder.RankHybrid);
        List<AnswerResult> results = [];
        run.ForEach(parsed, session, finder, (memory, question) => results.Add(evaluation.Run(memory, question)), cancellation);
        AnswerReport report = AnswerReport.Of(results);
        if (json) WriteJson(report, session, perQuestion);
        else WriteTable(report);
        return ExitCodes.Success;
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
