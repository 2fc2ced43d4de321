using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

public class ComparisonReportTests
{
    private static readonly KvShape Shape = new(30, 3, 64);

    [Fact]
    public void ADifferenceInsideItsIntervalIsNone()
    {
        ComparisonReport report = ReportOf([.. Enumerable.Range(0, 40).SelectMany(i => new[]
        {
            Cell("quoted", i, 2 + i % 5), Cell("sinks", i, 3 + i % 5), Cell("quest", i, 2 + i % 5 + (i % 2 == 0 ? 1 : -1)),
        })]);
        ComparisonTable table = Assert.Single(report.Tables);
        ComparisonRow sinks = table.Rows.Single(row => row.Method == "sinks"), quest = table.Rows.Single(row => row.Method == "quest"), own = table.Rows.Single(row => row.Method == "quoted");
        Assert.True(sinks.Figures["nll"].Differs is true);
        Assert.Equal(1, sinks.Figures["nll"].Against!.Value.Mean, 6);
        Assert.True(quest.Figures["nll"].Differs is false);
        Assert.Null(own.Figures["nll"].Against);
        Assert.Equal(40, own.Questions);
    }

    [Fact]
    public void AllBudgetsAreHeldAgainstAMethodThatHasNone()
    {
        ComparisonReport report = ComparisonReport.Of(
            "tiny", Shape, ComparisonMethods.All, [512], ComparisonMeasures.All, "closed", [Cell("closed", 0, 1) with { Budget = 0 }, Cell("sinks", 0, 5)]);
        Assert.Equal(4, report.Tables[0].Rows.Single(row => row.Method == "sinks").Figures["nll"].Against!.Value.Mean, 6);
    }

    [Fact]
    public void TwoDocumentsMayHaveOneTitle()
    {
        ComparisonReport report = ReportOf([Cell("quoted", 0, 1), Cell("sinks", 0, 5), Cell("quoted", 0, 2) with { ContentHash = "other" }, Cell("sinks", 0, 7) with { ContentHash = "other" }]);
        Assert.Equal(4.5, report.Tables[0].Rows.Single(row => row.Method == "sinks").Figures["nll"].Against!.Value.Mean, 6);
    }

    [Fact]
    public void MethodsWithoutARowAreNamed()
    {
        ComparisonReport report = ComparisonReport.Of("tiny", Shape, ComparisonMethods.Parse("quoted,sinks,full"), [512], ComparisonMeasures.All, "quoted", [Cell("quoted", 0, 1), Cell("sinks", 0, 5)]);
        Assert.Equal(["full"], Assert.Single(report.Tables).LeftOut);
    }

    [Fact]
    public void OfTooFewQuestionsNoDifferenceIsClaimed()
    {
        ComparisonReport report = ReportOf([Cell("quoted", 0, 1), Cell("sinks", 0, 5), Cell("quoted", 1, 1), Cell("sinks", 1, 5)]);
        ComparisonRow sinks = report.Tables[0].Rows.Single(row => row.Method == "sinks");
        Assert.Equal(4, sinks.Figures["nll"].Against!.Value.Mean, 6);
        Assert.Null(sinks.Figures["nll"].Differs);
    }

    [Fact]
    public void DepthsAreThirdsAndBytesFollowTheModel()
    {
        ComparisonReport report = ReportOf([Cell("sinks", 0, 1, 0.0), Cell("sinks", 1, 2, 0.3), Cell("sinks", 2, 5, 0.99), Cell("sinks", 3, 7, 1.0)]);
        ComparisonRow row = report.Tables[0].Rows[0];
        Assert.Equal([1.5, null, 6.0], row.ByDepth);
        Assert.Equal(512, row.AttendedTokens);
        // 23,040 bytes a token at float16 (design section 6).
        Assert.Equal(512 * 23_040, row.AttendedBytes);
    }

    [Fact]
    public void KindsOfQuestionsHaveTablesOfTheirOwn()
    {
        ComparisonReport report = ReportOf([Cell("sinks", 0, 1), Cell("sinks", 1, 1) with { Kind = new("passkey", 1024) }, Cell("sinks", 2, 1) with { Kind = new("passkey", 4096) }]);
        Assert.Equal([(null, 0), ("passkey", 1024), ("passkey", 4096)], report.Tables.Select(table => (table.Task, table.Length)));
    }

    [Fact]
    public void AFigureThatFewQuestionsHaveIsAMeanOverThose()
    {
        ComparisonCell Place(string method, string book, double nll, double? ofNames) => new("language", method, 512, "place-7", book, book, QuestionKind.OfAFile, null, new CellResult(
            ofNames is { } names ? new Dictionary<string, double> { ["nll"] = nll, ["nllNames8000"] = names } : new Dictionary<string, double> { ["nll"] = nll }));
        ComparisonRow row = ReportOf([Place("quoted", "a", 1, 4), Place("quoted", "b", 1, null), Place("sinks", "a", 2, 9), Place("sinks", "b", 4, null)]).Tables[0].Rows.Single(row => row.Method == "sinks");
        Assert.Equal((2, 3.0, 2.0), (row.Figures["nll"].Questions, row.Figures["nll"].Mean.Mean, row.Figures["nll"].Against!.Value.Mean));
        Assert.Equal((1, 9.0, 5.0), (row.Figures["nllNames8000"].Questions, row.Figures["nllNames8000"].Mean.Mean, row.Figures["nllNames8000"].Against!.Value.Mean));
        Assert.DoesNotContain("nllNames1000", row.Figures.Keys);
    }

    [Fact]
    public void NothingMeasuredIsSaid() => Assert.Equal(ProblemKind.NotFound, Assert.Throws<ProblemException>(() => ReportOf([])).Kind);

    private static ComparisonReport ReportOf(IReadOnlyList<ComparisonCell> cells) => ComparisonReport.Of("tiny", Shape, ComparisonMethods.All, [512], ComparisonMeasures.All, "quoted", cells);

    private static ComparisonCell Cell(string method, int question, double nll, double? depth = null) =>
        new("answers", method, 512, $"q{question}", "a book", "hash", QuestionKind.OfAFile, depth, new CellResult(new Dictionary<string, double> { ["nll"] = nll, ["accuracy"] = 0.5, ["exact"] = 0 }) { AttendedTokens = 512 });
}
