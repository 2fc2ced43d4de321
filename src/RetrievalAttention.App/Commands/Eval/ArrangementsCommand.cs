using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation.Arrangements;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval arrangements</c>: ways to lay the same found blocks before a question.</summary>
internal static class ArrangementsCommand
{
    public static Command Create()
    {
        QuestionRun run = new();
        Option<string[]> arrangement = new("--arrangement") { Description = "Only arrangements whose name contains this, beside the first; may be given several times.", HelpName = "PART" };
        Option<bool> perQuestion = new("--per-question") { Description = "With --json also the NLL of every question, by arrangement." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("arrangements", SharedOptions.WithExamples(
            "NLL of the first gold answer when the blocks found are laid before the question in different ways: as memory, quoted, as text, with headings, with tokens run again, with neighbours, "
            + "in other orders, with gaps; each against the 8 best in memory with the best two quoted, with a 95 % interval of the difference. Needs a Memory:Format that holds keys and values.",
            "ra eval arrangements --questions ../shared/reference/questions-56.jsonl --root ../shared/data",
            "ra eval arrangements --questions ../shared/reference/questions-56.jsonl --root ../shared/data --arrangement text --json"))
        {
            arrangement, perQuestion, json,
        };
        run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(run, parsed, parsed.GetValue(arrangement) ?? [], parsed.GetValue(perQuestion), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(QuestionRun run, ParseResult parsed, string[] names, bool perQuestion, bool json, CancellationToken cancellation)
    {
        Arrangement[] chosen = [.. Arrangement.All.Where(one => one == Arrangement.Baseline || names.Length == 0 || names.Any(name => one.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))];
        AllSettings settings = AllSettings.Load();
        using Session session = Session.Open(settings, parsed.GetValue(run.Model), device: null);
        using BlockFinder finder = new(session.Model, () => session.Embedder, settings.Passages);
        ArrangementEvaluation evaluation = new(session.Model, settings.Answering, finder.Rank, chosen);
        List<string> ids = [];
        List<IReadOnlyList<AnswerLikelihood>> results = [];
        run.ForEach(parsed, session, finder, (memory, question) =>
        {
            if (evaluation.Run(memory, question) is not { } result) return;
            ids.Add(question.Id);
            results.Add(result);
        }, cancellation);
        ArrangementReport report = ArrangementReport.Of(chosen, results);
        if (json)
        {
            Output.WriteJson(new
            {
                report.Questions,
                report.Rows,
                window = settings.Memory.Window,
                format = settings.Memory.Format,
                model = session.Model.Weights.Name,
                results = perQuestion ? ids.Zip(results, (id, result) => new { id, result }) : null,
            });
        }
        else WriteTable(report);
        return ExitCodes.Success;
    }

    private static void WriteTable(ArrangementReport report)
    {
        static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
        static string Signed(double value) => value.ToString("+0.000;-0.000", CultureInfo.InvariantCulture);
        Table table = new("Arrangement", "NLL", "token accuracy", "against the first", "95 %");
        foreach (ArrangementRow row in report.Rows)
            table.Add(row.Name, Number(row.Nll), Number(row.Accuracy), Signed(row.Difference.Mean), $"{Signed(row.Difference.Low)} to {Signed(row.Difference.High)}");
        table.Write();
        Console.Out.WriteLine($"{report.Questions} questions.");
    }
}
