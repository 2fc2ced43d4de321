using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;

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
        Option<SummaryLength> length = new("--length") { Description = "short, medium or long. Default: short.", HelpName = "LENGTH" };
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("summary", SharedOptions.WithExamples(
            "Summarises every book of a folder and counts: coverage, names and numbers that stand in the cited blocks and in the book, compression, evenness over the book. "
            + "Compares the ways to choose sentences at equal length: questions that could be answered from them, divergence of their words from the book's, nearness of all other sentences.",
            "ra eval summary --root ../shared/data/books --questions ../shared/data/qa/narrativeqa.jsonl --questions ../shared/data/qa/handwritten.jsonl --json"))
        {
            root, questions, limit, length, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                parsed.GetRequiredValue(root), parsed.GetValue(questions) ?? [], parsed.GetValue(limit), parsed.GetValue(length), parsed.GetValue(library),
                parsed.GetValue(json), cancellation),
            cancellation));
        return command;
    }

    /// <param name="AnsweredAboveLead">Mean difference to the first sentences over all questions, with its 95 % interval.</param>
    private sealed record ChoiceMeans(SentenceChoice Choice, double? Answered, Interval? AnsweredAboveLead, double Divergence, Interval DivergenceAboveLead, double Nearness);

    private static int Run(string root, string[] questionFiles, int? limit, SummaryLength length, string? library, bool json, CancellationToken cancellation)
    {
        if (!Directory.Exists(root)) throw new ProblemException(ProblemKind.NotFound, $"There is no folder '{root}'. Give the folder that holds the books.");
        AllSettings settings = AllSettings.Load();
        ILookup<string, Question> questions = questionFiles.SelectMany(QuestionFile.Read).ToLookup(question => Path.GetFileName(question.Document));
        FileInfo[] files = [.. new DirectoryInfo(root).GetFiles().OrderBy(file => file.Length).Take(limit ?? int.MaxValue)];
        if (files.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"The folder '{root}' holds no file. Give the folder that holds the books.");

        List<BookSummaryResult> results = [];
        using (ProgressLine progress = new())
        {
            foreach (FileInfo file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                Document document = Session.Read(settings, file.FullName, progress, cancellation);
                ReadBook book = BookSource.Read(settings, document, sections: null, library, progress, cancellation);
                Question[] own = [.. questions[file.Name].Where(question => question.Answers.Count > 0)];
                results.Add(SummaryEvaluation.Run(
                    book, length, [.. AnswerCases.Of(document, own, scoped: true)], own.ToDictionary(question => question.Id, question => question.Answers)));
            }
        }
        ChoiceMeans[] means = [.. Enum.GetValues<SentenceChoice>().Select(choice => Means(results, choice))];
        if (json) Output.WriteJson(new { length, books = results.Select(Shown), choices = means });
        else Write(results, means);
        return ExitCodes.Success;
    }

    private static object Shown(BookSummaryResult result) => new
    {
        result.Book,
        result.Coverage,
        result.Sentences,
        result.Facts,
        result.FactsInBlock,
        result.FactsInBook,
        result.Compression,
        result.Evenness,
        result.LastTenth,
        result.Questions,
        choices = result.Choices.Select(choice => new { choice.Choice, choice.Words, choice.Answered, choice.Divergence, choice.Nearness }),
    };

    private static ChoiceMeans Means(IReadOnlyList<BookSummaryResult> results, SentenceChoice choice)
    {
        ChoiceResult[] own = [.. results.Select(result => Of(result, choice))], lead = [.. results.Select(result => Of(result, SentenceChoice.Lead))];
        double[] answers = [.. own.SelectMany(result => result.Answers)], leadAnswers = [.. lead.SelectMany(result => result.Answers)];
        return new ChoiceMeans(
            choice, answers.Length == 0 ? null : answers.Average(), answers.Length == 0 ? null : Bootstrap.Difference(answers, leadAnswers, new Random(Seed)),
            own.Average(result => result.Divergence),
            Bootstrap.Difference([.. own.Select(result => result.Divergence)], [.. lead.Select(result => result.Divergence)], new Random(Seed)),
            own.Average(result => result.Nearness));
    }

    private static ChoiceResult Of(BookSummaryResult result, SentenceChoice choice) => result.Choices.First(measured => measured.Choice == choice);

    private static void Write(IReadOnlyList<BookSummaryResult> results, ChoiceMeans[] means)
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
        Table choices = new("Sentences chosen by", "questions answered", "above lead", "divergence", "above lead", "nearness");
        foreach (ChoiceMeans mean in means)
            choices.Add(mean.Choice.ToString(), Number(mean.Answered), Range(mean.AnsweredAboveLead), Number(mean.Divergence), Range(mean.DivergenceAboveLead), Number(mean.Nearness));
        choices.Write();
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    private static string Range(Interval? value) => value is { } interval ? string.Create(CultureInfo.InvariantCulture, $"{interval.Mean:+0.000;-0.000} ({interval.Low:+0.000;-0.000} to {interval.High:+0.000;-0.000})") : "–";
}
