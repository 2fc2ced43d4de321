using RetrievalAttention.Answering;

namespace RetrievalAttention.Evaluation.Arrangements;

/// <param name="Nll">Of the gold answer, nats per token.</param>
/// <param name="Accuracy">Share of its tokens that are the model's first choice.</param>
/// <param name="Difference">NLL less that of the baseline, question by question; below 0 is better.</param>
public sealed record ArrangementRow(string Name, double Nll, double Accuracy, Interval Difference);

/// <summary>A table of arrangements, the baseline first.</summary>
public sealed record ArrangementReport(int Questions, IReadOnlyList<ArrangementRow> Rows)
{
    private const int Seed = 1;

    /// <param name="results">By question, then by arrangement.</param>
    public static ArrangementReport Of(IReadOnlyList<Arrangement> arrangements, IReadOnlyList<IReadOnlyList<AnswerLikelihood>> results)
    {
        double[] Nll(int arrangement) => [.. results.Select(question => question[arrangement].MeanNll)];
        double[] baseline = Nll(0);
        return new ArrangementReport(results.Count,
        [
            .. arrangements.Select((arrangement, i) => new ArrangementRow(
                arrangement.Name, Nll(i).Average(), results.Average(question => question[i].Accuracy), Bootstrap.Difference(Nll(i), baseline, new Random(Seed)))),
        ]);
    }
}
