using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Answering.Summaries.Written;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary><c>ra eval summary</c>: whether summaries cover their books and are true to them, and which choice of sentences is best.</summary>
internal static class SummaryCommand
{
    private const int Seed = 7;

    public static Command Create()
    {
        Option<string> root = new("--root") { Description = "Folder with the books.", HelpName = "DIR", Required = true };
        Option<string[]> questions = new("--questions") { Description = "JSONL with questions about them; may be given several times.", HelpName = "FILE" };
        Option<int?> limit = new("--limit") { Description = "Only the N smallest books.", HelpName = "N" };
        Option<SummaryLength> length = SharedOptions.OneOf(new Option<SummaryLength>("--length") { Description = "short, medium or long. Default: short.", HelpName = "LENGTH" });
        Option<int> likelihood = new("--likelihood") { Description = "Also measure how well each choice of sentences prepares for the text of this many sections a book. Default: 0.", HelpName = "N" };
        Option<int> attention = new("--attention") { Description = "Also compare attention received from later text; every N-th block looks back. Only books whose memory is there. Default: 0, off.", HelpName = "N" };
        Option<int> written = new("--written") { Description = "Also let the model write this many sections a book. Only books whose memory is there. Default: 0.", HelpName = "N" };
        Option<string[]> only = new("--only") { Description = "Only books whose file name contains this; may be given several times.", HelpName = "PART" };
        Option<string?> model = SharedOptions.Model();
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("summary", SharedOptions.WithExamples(
            "Summarises every book of a folder and counts: coverage, names and numbers that stand in the cited blocks and in the book, compression, evenness over the book. "
            + "Compares the ways to choose sentences at equal length: questions that could be answered from them, divergence of their words from the book's, nearness of all other sentences.",
            "ra eval summary --root ../shared/data/books --questions ../shared/data/qa/narrativeqa.jsonl --questions ../shared/data/qa/handwritten.jsonl --json"))
        {
            root, questions, limit, only, length, likelihood, attention, written, model, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                new Request(
                    parsed.GetRequiredValue(root), parsed.GetValue(questions) ?? [], parsed.GetValue(limit), parsed.GetValue(only) ?? [], parsed.GetValue(length), parsed.GetValue(likelihood),
                    parsed.GetValue(attention), parsed.GetValue(written), parsed.GetValue(model), parsed.GetValue(library), parsed.GetValue(json)),
                cancellation),
            cancellation));
        return command;
    }

    private sealed record Request(
        string Root, string[] Questions, int? Limit, string[] Only, SummaryLength Length, int Likelihood, int Attention, int Written, string? Model, string? Library, bool Json);

    /// <param name="Books">In which this choice was measured.</param>
    /// <param name="AnsweredAboveLead">Mean difference to the first sentences over all questions, with its 95 % interval.</param>
    /// <param name="Nll">Mean over sections, in nats a token; null when it was not measured.</param>
    /// <param name="NllAboveRandom">Mean difference to random sentences over all sections, with its 95 % interval; lower is better.</param>
    private sealed record ChoiceMeans(
        SentenceChoice Choice, int Books, double? Answered, Interval? AnsweredAboveLead, double Divergence, Interval DivergenceAboveLead, double Nearness, double? Nll, Interval? NllAboveRandom);

    private sealed record BookResult(BookSummaryResult Quoted, WrittenSummaryResult? Written);

    private static int Run(Request request, CancellationToken cancellation)
    {
        if (!Directory.Exists(request.Root)) throw new ProblemException(ProblemKind.NotFound, $"There is no folder '{request.Root}'. Give the folder that holds the books.");
        if (request.Likelihood < 0 || request.Attention < 0 || request.Written < 0)
            throw new ProblemException(ProblemKind.Setting, "--likelihood, --attention and --written must not be negative.");
        AllSettings settings = AllSettings.Load();
        ILookup<string, Question> questions = request.Questions.SelectMany(QuestionFile.Read).ToLookup(question => Path.GetFileName(question.Document));
        FileInfo[] files = [.. new DirectoryInfo(request.Root).GetFiles().OrderBy(file => file.Length)
            .Where(file => request.Only.Length == 0 || request.Only.Any(part => file.Name.Contains(part, StringComparison.OrdinalIgnoreCase))).Take(request.Limit ?? int.MaxValue)];
        if (files.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"The folder '{request.Root}' holds no file that is wanted. Give the folder that holds the books.");

        List<BookResult> results = [];
        using (ProgressLine progress = new())
        using (Session? session = request.Likelihood + request.Attention + request.Written > 0 ? Session.Open(settings, request.Model, null) : null)
        {
            foreach (FileInfo file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                Question[] own = [.. questions[file.Name].Where(question => question.Answers.Count > 0)];
                results.Add(Measure(request, settings, session, file.FullName, own, progress, cancellation));
            }
        }
        BookSummaryResult[] quoted = [.. results.Select(result => result.Quoted)];
        ChoiceMeans[] means = [.. Enum.GetValues<SentenceChoice>().Where(choice => quoted.Any(result => Find(result, choice) is not null)).Select(choice => Means(quoted, choice))];
        WrittenSummaryResult[] written = [.. results.Select(result => result.Written).OfType<WrittenSummaryResult>()];
        if (request.Json)
            Output.WriteJson(new { request.Length, books = results.Select(Shown), choices = means, chosen = Summarizer.BestChoice, written = written.Length > 0 ? Shown(written) : null });
        else Write(quoted, means, written);
        return ExitCodes.Success;
    }

    private static BookResult Measure(
        Request request, AllSettings settings, Session? session, string path, Question[] questions, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        Document document = session?.ReadToMeasure(path, progress, cancellation) ?? Session.Read(settings, path, progress, cancellation);
        ReadBook book = BookSource.Read(settings, document, sections: null, request.Library, progress, cancellation, request.Model);
        using DocumentMemory? memory = request.Attention + request.Written > 0
            ? session!.Memories(request.Library).OpenIfThere(document, session.Model, questionTokens: 0, forceRetrieval: true) : null;
        double[]? attention = memory is null || request.Attention == 0 ? null : AttentionReceived.Measure(session!.Model, memory, request.Attention, progress, cancellation);
        BookSummaryResult result = SummaryEvaluation.Run(
            book, request.Length, [.. AnswerCases.Of(document, questions, scoped: true)], questions.ToDictionary(question => question.Id, question => question.Answers), attention);
        if (request.Likelihood > 0)
            result = SummaryEvaluation.WithLikelihood(result, session!.Model, book, request.Length, request.Likelihood, attention, progress, cancellation);
        WrittenSummaryResult? written = memory is null || request.Written == 0
            ? null : WrittenSummaryEvaluation.Run(session!.Model, settings.Answering, book, memory.File, request.Length, request.Written, progress, cancellation);
        return new BookResult(result, written);
    }

    private static object Shown(BookResult result) => new
    {
        result.Quoted.Book,
        result.Quoted.Coverage,
        result.Quoted.Sentences,
        result.Quoted.Facts,
        result.Quoted.FactsInBlock,
        result.Quoted.FactsInBook,
        result.Quoted.Compression,
        result.Quoted.Evenness,
        result.Quoted.LastTenth,
        result.Quoted.Questions,
        choices = result.Quoted.Choices.Select(choice => new { choice.Choice, choice.Words, choice.Answered, choice.Divergence, choice.Nearness, nll = Mean(choice.Nll), sections = choice.Nll.Count }),
        written = result.Written is { } written ? Shown([written]) : null,
    };

    /// <summary>Written sections of one or several books together.</summary>
    private static object Shown(IReadOnlyList<WrittenSummaryResult> results)
    {
        WritingCounts counts = results.Select(result => result.Counts).Aggregate((a, b) => a + b);
        double[] written = [.. results.SelectMany(result => result.NllWritten)];
        return new
        {
            sections = results.Sum(result => result.Sections),
            sentences = counts.Written,
            supported = Ratio(counts.Supported, counts.Written),
            facts = counts.Facts,
            factsInBlock = Ratio(counts.FactsCited, counts.Facts),
            kept = Ratio(counts.Kept, counts.Written),
            rewritten = Ratio(counts.Rewritten, counts.Written),
            replaced = Ratio(counts.Replaced, counts.Written),
            finalFacts = results.Sum(result => result.FinalFacts),
            finalFactsInBook = Ratio(results.Sum(result => result.FactsInBook), results.Sum(result => result.FinalFacts)),
            compression = results.Average(result => result.Compression),
            nllWritten = Mean(written),
            nllKeySentences = Mean([.. results.SelectMany(result => result.NllKeys)]),
            nllQuoted = Mean([.. results.SelectMany(result => result.NllQuoted)]),
            nllRandom = Mean([.. results.SelectMany(result => result.NllRandom)]),
            nllAboveQuoted = written.Length == 0 ? (Interval?)null : Bootstrap.Difference(written, [.. results.SelectMany(result => result.NllQuoted)], new Random(Seed)),
            nllAboveRandom = written.Length == 0 ? (Interval?)null : Bootstrap.Difference(written, [.. results.SelectMany(result => result.NllRandom)], new Random(Seed)),
        };
    }

    private static double Ratio(int part, int all) => all == 0 ? 1 : (double)part / all;

    private static double? Mean(IReadOnlyList<double> values) => values.Count == 0 ? null : values.Average();

    private static ChoiceMeans Means(IReadOnlyList<BookSummaryResult> all, SentenceChoice choice)
    {
        BookSummaryResult[] results = [.. all.Where(result => Find(result, choice) is not null)];
        ChoiceResult[] own = [.. results.Select(result => Of(result, choice))], lead = [.. results.Select(result => Of(result, SentenceChoice.Lead))];
        double[] answers = [.. own.SelectMany(result => result.Answers)], leadAnswers = [.. lead.SelectMany(result => result.Answers)];
        double[] nll = [.. own.SelectMany(result => result.Nll)], randomNll = [.. results.SelectMany(result => Of(result, SentenceChoice.Random).Nll)];
        return new ChoiceMeans(
            choice, results.Length, Mean(answers), answers.Length == 0 ? null : Bootstrap.Difference(answers, leadAnswers, new Random(Seed)),
            own.Average(result => result.Divergence),
            Bootstrap.Difference([.. own.Select(result => result.Divergence)], [.. lead.Select(result => result.Divergence)], new Random(Seed)),
            own.Average(result => result.Nearness), Mean(nll), nll.Length == 0 ? null : Bootstrap.Difference(nll, randomNll, new Random(Seed)));
    }

    private static ChoiceResult? Find(BookSummaryResult result, SentenceChoice choice) => result.Choices.FirstOrDefault(measured => measured.Choice == choice);

    private static ChoiceResult Of(BookSummaryResult result, SentenceChoice choice) => result.Choices.First(measured => measured.Choice == choice);

    private static void Write(IReadOnlyList<BookSummaryResult> results, ChoiceMeans[] means, IReadOnlyList<WrittenSummaryResult> written)
    {
        Table books = new("Book", "blocks", "sections", "names in block", "in book", "compression", "evenness", "last tenth", "questions");
        foreach (BookSummaryResult result in results)
        {
            books.Add(
                result.Book, $"{result.Coverage.BlocksRead}/{result.Coverage.Blocks}", $"{result.Coverage.SectionsUsed}/{result.Coverage.Sections}", Number(result.FactsInBlock),
                Number(result.FactsInBook), Number(result.Compression), Number(result.Evenness), Number(result.LastTenth), result.Questions.ToString(CultureInfo.InvariantCulture));
        }
        books.Write();
        Console.Out.WriteLine();
        Table choices = new("Sentences chosen by", "questions answered", "above lead", "divergence", "above lead", "nearness", "NLL", "above random");
        foreach (ChoiceMeans mean in means)
            choices.Add(mean.Choice.ToString(), Number(mean.Answered), Range(mean.AnsweredAboveLead), Number(mean.Divergence), Range(mean.DivergenceAboveLead), Number(mean.Nearness), Number(mean.Nll), Range(mean.NllAboveRandom));
        choices.Write();
        if (written.Count > 0) Console.Out.WriteLine($"\nWritten sections: {Output.Json(Shown(written))}");
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    private static string Range(Interval? value) => value is { } interval ? string.Create(CultureInfo.InvariantCulture, $"{interval.Mean:+0.000;-0.000} ({interval.Low:+0.000;-0.000} to {interval.High:+0.000;-0.000})") : "–";
}
