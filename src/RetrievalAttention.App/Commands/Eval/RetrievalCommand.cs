using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval retrieval</c>: how well passages are found, by each signal and by all together.</summary>
internal static class RetrievalCommand
{
    public static Command Create()
    {
        Option<string?> questions = new("--questions") { Description = "JSONL: document, question or question_unscoped, evidence, char_offset or evidence_spans. Needs --root.", HelpName = "FILE" };
        Option<string?> root = new("--root") { Description = "Folder to which the documents' paths are relative.", HelpName = "DIR" };
        Option<string?> beir = new("--beir") { Description = "A collection in BEIR's layout: corpus.jsonl, queries.jsonl, qrels.tsv.", HelpName = "DIR" };
        Option<string[]> only = new("--only") { Description = "Only questions about documents whose path contains this; may be given several times.", HelpName = "PART" };
        Option<int?> limit = new("--limit") { Description = "At most N questions of a document (or of the collection), always the same ones.", HelpName = "N" };
        Option<bool> scoped = new("--scoped") { Description = "With --questions: use the wording that names the part of the document, where there are two." };
        Option<bool> unscoped = new("--unscoped") { Description = "With --beir: use text_unscoped, the wording that names nothing, where a query has it." };
        Option<int?> half = new("--half") { Description = "Only this half of the questions, 0 or 1: weights are chosen on half 0 and reported on half 1.", HelpName = "0|1" };
        half.AcceptOnlyFromAmong("0", "1");
        Option<bool> read = new("--read") { Description = "Read documents that have no attention memory yet: on two cores about 500 tokens a second. Without it, attention takes part where the memory is there." };
        Option<bool> fit = new("--fit") { Description = "Also print the weights of the signals that would suit these questions best." };
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("retrieval", SharedOptions.WithExamples(
            "Hit rates, MRR@10, nDCG@10 and recall@100 of words, vectors and attention, and of all together. Questions are asked to their document, cut into blocks of 64 tokens; "
            + "a block counts when it holds evidence. BEIR collections are searched whole, by words and vectors.",
            "ra eval retrieval --questions ../shared/data/qa/handwritten.jsonl --root ../shared/data --json",
            "ra eval retrieval --beir ../shared/data/ir/fairytaleqa-sections --half 1"))
        {
            questions, root, beir, only, limit, scoped, unscoped, half, read, fit, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetValue(questions), parsed.GetValue(root), parsed.GetValue(beir), parsed.GetValue(only) ?? [], parsed.GetValue(limit), parsed.GetValue(scoped), parsed.GetValue(unscoped),
                    parsed.GetValue(half), parsed.GetValue(read), parsed.GetValue(fit), parsed.GetValue(library), parsed.GetValue(json)),
                cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(
        string? Questions, string? Root, string? Beir, string[] Only, int? Limit, bool Scoped, bool Unscoped, int? Half, bool Read, bool Fit, string? Library, bool Json)
    {
        /// <summary>The questions asked for, in an order that does not depend on the file's.</summary>
        public IEnumerable<T> Choose<T>(IEnumerable<T> all, Func<T, string> id) =>
            all.Where(one => Half is null || QuestionSplit.HalfOf(id(one)) == Half).OrderBy(one => QuestionSplit.PlaceOf(id(one))).Take(Limit ?? int.MaxValue);
    }

    private static int Run(Request request, CancellationToken cancellation)
    {
        if ((request.Beir is null) == (request.Questions is null) || (request.Questions is not null && request.Root is null))
            throw new ProblemException(ProblemKind.Setting, "Say what to measure: either --questions FILE --root DIR, or --beir DIR.");
        AllSettings settings = AllSettings.Load();
        RetrievalEvaluation evaluation = new(TimeProvider.System);
        using (ProgressLine progress = new())
        {
            if (request.Beir is not null) RunBeir(request, settings, evaluation, progress, cancellation);
            else RunQuestions(request, settings, evaluation, progress, cancellation);
        }
        RetrievalReport report = evaluation.Report();
        SignalWeights? fitted = request.Fit ? evaluation.Fit() : null;
        if (request.Json) WriteJson(report, fitted);
        else WriteTable(report, fitted);
        return ExitCodes.Success;
    }

    private static void RunBeir(Request request, AllSettings settings, RetrievalEvaluation evaluation, ProgressLine progress, CancellationToken cancellation)
    {
        BeirFolder folder = BeirFolder.Read(request.Beir!);
        using SentenceEmbedder embedder = Session.OpenEmbedder(settings, Devices.Choose(settings.Model.Device));
        using BeirSearch search = BeirSearch.Build(folder, embedder, settings.Passages, progress, cancellation);
        BeirQuery[] queries = [.. request.Choose(folder.Queries, query => query.Id)];
        for (int i = 0; i < queries.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new WorkProgress("Searching", i, queries.Length, "queries"));
            string text = request.Unscoped ? queries[i].UnscopedText ?? queries[i].Text : queries[i].Text;
            evaluation.Add(() => search.Rank(text), search.GainsOf(queries[i]));
        }
    }

    private static void RunQuestions(Request request, AllSettings settings, RetrievalEvaluation evaluation, ProgressLine progress, CancellationToken cancellation)
    {
        Question[] matching = [.. QuestionFile.Read(request.Questions!)
            .Where(question => question.Evidence.Count > 0 && (request.Only.Length == 0 || request.Only.Any(part => question.Document.Contains(part, StringComparison.OrdinalIgnoreCase))))];
        using Session session = Session.Open(settings, model: null, device: null);
        foreach (IGrouping<string, Question> group in matching.GroupBy(question => question.Document))
        {
            Question[] chosen = [.. request.Choose(group, question => question.Id)];
            if (chosen.Length == 0) continue;
            Document document = session.ReadToMeasure(Path.Combine(request.Root!, group.Key), progress, cancellation);
            MemoryStore memories = session.Memories(request.Library);
            using DocumentMemory? memory = request.Read
                ? memories.OpenOrRead(document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation)
                : memories.OpenIfThere(document, session.Model, questionTokens: 0, forceRetrieval: true);
            using DocumentSearch search = memory is not null
                ? DocumentSearch.Prepare(memory, session.Model, session.Embedder, settings.Passages, progress, cancellation)
                : DocumentSearch.Prepare(DocumentBlocks.Of(document, session.Model.Tokenizer), session.Embedder, settings.Passages, progress, cancellation);
            foreach (AnswerCase one in AnswerCases.Of(document, chosen, request.Scoped))
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Report(new WorkProgress($"Searching {document.Title}", evaluation.Questions, matching.Length, "questions"));
                evaluation.Add(
                    () => search.Rank(one.Question), RetrievalEvaluation.GainsOf(search.Blocks, one.Evidence),
                    memory is not { File.Codec.HoldsAll: true } ? null : best => BlockSearch.SecondLook(session.Model, new MemoryShelf(memory), one.Question, best, settings.Answering.Candidates));
            }
        }
    }

    private static void WriteJson(RetrievalReport report, SignalWeights? fitted) => Output.WriteJson(new
    {
        report.Questions,
        signals = report.Signals.ToDictionary(signal => signal.Key, signal => new { signal.Value.Questions, signal.Value.Hit, signal.Value.Mrr, signal.Value.Mrr10, signal.Value.Ndcg10, signal.Value.Recall10, signal.Value.Recall100 }),
        report.MillisecondsPerQuery,
        fittedWeights = fitted,
    });

    private static void WriteTable(RetrievalReport report, SignalWeights? fitted)
    {
        static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
        Table table = new(["Found by", "questions", .. RankSummary.HitDepths.Select(k => $"hit@{k}"), "MRR", "MRR@10", "nDCG@10", "recall@10", "recall@100"]);
        foreach ((string name, RankSummary summary) in report.Signals)
            table.Add([name, summary.Questions.ToString(CultureInfo.InvariantCulture), .. summary.Hit.Values.Select(Number), Number(summary.Mrr), Number(summary.Mrr10), Number(summary.Ndcg10), Number(summary.Recall10), Number(summary.Recall100)]);
        table.Write();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Questions} questions, {report.MillisecondsPerQuery:0} ms each."));
        if (fitted is not null) Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Weights that suit these questions best: words {fitted.Words:0.0}, vectors {fitted.Vectors:0.0}, attention {fitted.Attention:0.0}."));
    }
}
