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
        Option<string> questions = new("--questions") { Description = "JSONL: document, question or question_unscoped, answers, evidence, char_offset.", HelpName = "FILE", Required = true };
        Option<string> root = new("--root") { Description = "Folder to which the documents' paths are relative.", HelpName = "DIR", Required = true };
        Option<int?> limit = new("--limit") { Description = "Only the first N questions.", HelpName = "N" };
        Option<string[]> only = new("--only") { Description = "Only questions about documents whose path contains this; may be given several times.", HelpName = "PART" };
        Option<bool> scoped = new("--scoped") { Description = "Use the wording that names the part of the document, where there are two." };
        Option<bool> perQuestion = new("--per-question") { Description = "Also every question's blocks and values." };
        Option<string> ranking = new("--ranking") { Description = "The first look: 'fused' (words, embeddings and attention; the default) or 'attention' alone.", HelpName = "RANKING", DefaultValueFactory = _ => "fused" };
        ranking.AcceptOnlyFromAmong("fused", "attention");
        Option<string?> model = new("--model") { Description = "A .gguf file or a Hugging Face folder instead of the configured model.", HelpName = "PATH" };
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("answers", SharedOptions.WithExamples(
            "NLL and token accuracy of the first gold answer: closed book; text of the gold blocks; stored memory of the gold blocks; memory of the blocks found; "
            + "the same with the text of the best two (the product's way); text of the blocks found; usual hybrid RAG. And how well the blocks are found.",
            "ra eval answers --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --only treasure --only frankenstein --json"))
        {
            questions, root, limit, only, scoped, ranking, perQuestion, model, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                parsed.GetRequiredValue(questions), parsed.GetRequiredValue(root),
                new Selection(parsed.GetValue(limit), parsed.GetValue(only) ?? [], parsed.GetValue(scoped), parsed.GetRequiredValue(ranking)),
                parsed.GetValue(perQuestion), parsed.GetValue(model), parsed.GetValue(library), parsed.GetValue(json), cancellation),
            cancellation));
        return command;
    }

    private sealed record Selection(int? Limit, string[] Only, bool Scoped, string Ranking);

    private static int Run(string file, string root, Selection selection, bool perQuestion, string? model, string? library, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        Question[] chosen = [.. QuestionFile.Read(file)
            .Where(question => question.Answers.Count > 0 && (selection.Only.Length == 0 || selection.Only.Any(part => question.Document.Contains(part, StringComparison.OrdinalIgnoreCase))))
            .Take(selection.Limit ?? int.MaxValue)];
        if (chosen.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"No question of '{file}' has an answer and matches the selection.");

        using Session session = Session.Open(settings, model, device: null);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        AnswerEvaluation evaluation = new(session.Model, settings.Answering, selection.Ranking == "attention" ? BlockSearch.ByAttention(session.Model) : finder.Rank, finder.RankHybrid);
        List<AnswerResult> results = [];
        using (ProgressLine progress = new())
        {
            foreach (IGrouping<string, Question> group in chosen.GroupBy(question => question.Document))
            {
                Document document = Session.Read(settings, Path.Combine(root, group.Key), progress, cancellation);
                using DocumentMemory memory = session.Memories(library).OpenOrRead(
                    document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);
                finder.Prepare(memory, progress, cancellation);
                foreach (AnswerCase one in AnswerCases.Of(document, group, selection.Scoped))
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress.Report(new WorkProgress("Asking", results.Count, chosen.Length, "questions"));
                    results.Add(evaluation.Run(memory, one));
                }
            }
        }
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
