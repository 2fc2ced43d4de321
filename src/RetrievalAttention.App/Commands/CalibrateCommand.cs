using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Commands.Eval;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra calibrate</c>: finds which attention heads of a model retrieve, and keeps them beside it.</summary>
internal static class CalibrateCommand
{
    private const int ShownHeads = 8;

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<string?> questions = new("--questions") { Description = "JSONL with evidence; the shipped set by default. Documents are relative to its folder.", HelpName = "FILE" };
        Option<bool> dryRun = new("--dry-run") { Description = "Show the heads without writing them beside the model." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("calibrate", SharedOptions.WithExamples(
            "Finds the retrieval heads of a model: every head is tried on questions whose evidence is known. Needed once for a model that has none yet; takes minutes.",
            "ra calibrate --model ~/models/Llama-3.2-1B-Instruct.gguf", "ra calibrate --dry-run --json"))
        {
            model, questions, dryRun, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetValue(model), parsed.GetValue(questions), parsed.GetValue(dryRun), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string? modelPath, string? file, bool dryRun, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        string questionFile = file ?? Path.Combine(settings.Home, "corpora", "calibration", "questions.jsonl");
        using Session session = Session.Open(settings, modelPath, device: null, gates: "");
        string path = RetrievalHeads.PathFor(session.Model.Path);
        if (!dryRun) WriteAccess.Require(path);
        HeadCalibration calibration = new(session.Model);
        string folder = Directory.CreateTempSubdirectory("ra-calibration-").FullName;
        try
        {
            using ProgressLine progress = new();
            foreach (IGrouping<string, Question> group in QuestionFile.Read(questionFile).GroupBy(question => question.Document))
            {
                Document document = Session.Read(settings, Path.Combine(Path.GetDirectoryName(questionFile)!, group.Key), progress, cancellation);
                using MemoryFile memory = ReadAll(session.Model, settings.Memory with { Format = MemoryFormat.Float16 }, document, folder, progress, cancellation);
                calibration.Add(memory, [.. AnswerCases.Of(document, group, scoped: true)], progress, cancellation);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        CalibrationResult result = calibration.Finish();
        RetrievalHeads heads = new(session.Model.Weights.Name, session.Model.Weights.Hash, result.Chosen, result.Chosen[0]);
        if (!dryRun) heads.Save(path);
        if (json) WriteJson(result, dryRun ? null : path);
        else WriteTable(result, dryRun ? null : path);
        return ExitCodes.Success;
    }

    /// <summary>A memory of its own: keys of all layers are needed, and no retrieval index can be made before heads are known.</summary>
    private static MemoryFile ReadAll(LoadedModel model, MemoryOptions options, Document document, string folder, ProgressLine progress, CancellationToken cancellation)
    {
        IReadOnlyList<TextToken> tokens = model.Tokenizer.Encode(document.Text);
        MemoryFingerprint fingerprint = model.Fingerprint(MemoryStore.HashOf(document.Text), tokens.Count, options.Window, options with { Format = MemoryFormat.Float16 });
        MemoryFile memory = MemoryFile.Open(Path.Combine(folder, document.ContentHash), fingerprint, write: true);
        model.NewPrefill(options.Window, options.Step).Run(tokens, memory, progress, $"Reading {document.Title}", cancellation);
        return memory;
    }

    private static void WriteJson(CalibrationResult result, string? path) => Output.WriteJson(new
    {
        result.Questions,
        heads = result.Chosen.Select(head => head.ToString()),
        mrr = result.ChosenMrr,
        ranking = result.Ranking.Select(quality => new { head = quality.Head.ToString(), quality.Mrr }),
        path,
    });

    private static void WriteTable(CalibrationResult result, string? path)
    {
        Table table = new("Head (layer.head)", "MRR alone", "Used");
        foreach (HeadQuality quality in result.Ranking.Take(ShownHeads))
        {
            table.Add(quality.Head.ToString(), quality.Mrr.ToString("0.000", CultureInfo.InvariantCulture), result.Chosen.Contains(quality.Head) ? "yes" : "");
        }
        table.Write();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Questions} questions; the heads used find the passage with an MRR of {result.ChosenMrr:0.000}. {(path is null ? "Nothing was written." : $"Written to {path}.")}"));
    }
}
