using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Evaluation;

/// <summary>Which books a question is asked of.</summary>
/// <typeparam name="T">What is known of each way.</typeparam>
/// <param name="Alone">Only the book that it is about: as if the user had named it.</param>
/// <param name="Chosen">Only the one book whose words fit the question best.</param>
/// <param name="Together">All of them in one context.</param>
public sealed record TogetherConditions<T>(T Alone, T Chosen, T Together);

/// <param name="GoldRank">Rank from 1 of the first gold block in the first look; null when it was not searched.</param>
/// <param name="Attended">A gold block is among those that are attended to.</param>
/// <param name="OwnShare">Share of the attended blocks that are of the book that the question is about.</param>
/// <param name="Answer">The gold answer, with memory and quotation as in <c>ask</c>.</param>
public sealed record TogetherResult(int? GoldRank, bool Attended, double OwnShare, AnswerLikelihood Answer);

/// <summary>
/// What it costs not to name the book: questions about books of a shelf, asked of their own book, of one that is chosen by words, and of all at once.
/// </summary>
/// <param name="choose">Index of the one book on the shelf that words choose for a question; null for none.</param>
public sealed class TogetherEvaluation(LoadedModel model, AnsweringOptions options, RankBlocks rank, Func<MemoryShelf, string, int?> choose)
{
    /// <param name="book">Index on the shelf of the book that the question is about.</param>
    public TogetherConditions<TogetherResult> Run(MemoryShelf shelf, int book, AnswerCase question)
    {
        // As ask does it: the book that fits best stands last.
        int best = choose(shelf, question.Question) ?? 0;
        DocumentMemory own = shelf.Books[book];
        MemoryShelf ordered = new([.. shelf.Books.Where((_, i) => i != best), shelf.Books[best]]);
        TogetherResult together = Ask(ordered, ordered.Books.ToList().IndexOf(own), question);
        TogetherResult alone = Ask(new MemoryShelf(own), 0, question);
        return new TogetherConditions<TogetherResult>(alone, best == book ? alone : Ask(new MemoryShelf(shelf.Books[best]), null, question), together);
    }

    /// <param name="book">Null when the book is not on the shelf.</param>
    private TogetherResult Ask(MemoryShelf shelf, int? book, AnswerCase question)
    {
        HashSet<int> gold = book is { } own
            ? [.. question.Evidence.SelectMany(evidence => AnswerEvaluation.BlocksOf(shelf.Books[own].Index!, evidence)).Select(block => shelf.NumberOf(own, block))]
            : [];
        IReadOnlyList<int> first = rank(shelf, question.Question);
        IReadOnlyList<int> second = BlockSearch.SecondLook(model, shelf, question.Question, first, options.Candidates);
        IReadOnlyList<int> attended = Answerer.Attended(shelf, second, options);
        int place = first.ToList().FindIndex(gold.Contains);
        return new TogetherResult(
            place < 0 ? null : place + 1, attended.Any(gold.Contains), attended.Average(block => shelf.Locate(block).Book == book ? 1.0 : 0),
            AnswerLikelihood.Measure(model, shelf, new UserQuestion(question.Question), attended, Answerer.Quoted(shelf, second, options), question.Answer)
                ?? throw new ProblemException(ProblemKind.Document, $"Question {question.Id} has an empty answer, and how likely it is cannot be measured. Give it an answer or leave it out."));
    }
}

/// <param name="OwnShare">Mean share of the attended blocks that are of the book that the question is about.</param>
/// <param name="Hit">Share of questions with a gold block among the first k of the first look.</param>
/// <param name="Attended">Share of questions with a gold block among those attended to.</param>
public sealed record TogetherMeans(double OwnShare, IReadOnlyDictionary<string, double> Hit, double Mrr, double Attended, double Nll, double Accuracy)
{
    private static readonly int[] Cutoffs = [1, 4, 8, 16];

    public static TogetherMeans Of(IReadOnlyList<TogetherResult> results) => new(
        results.Average(result => result.OwnShare), Cutoffs.ToDictionary(k => k.ToString(), k => results.Average(result => result.GoldRank <= k ? 1.0 : 0)),
        results.Average(result => result.GoldRank is { } rank ? 1.0 / rank : 0), results.Average(result => result.Attended ? 1.0 : 0),
        results.Average(result => result.Answer.MeanNll), results.Average(result => result.Answer.Accuracy));
}

/// <param name="TogetherMinusChosen">Difference of the gold answers' NLL in nats per token, question by question; below 0 when together is better.</param>
public sealed record TogetherReport(
    int Questions, TogetherConditions<TogetherMeans> Means, Interval TogetherMinusChosen, Interval TogetherMinusAlone, IReadOnlyList<TogetherConditions<TogetherResult>> Results)
{
    private const int Seed = 1;

    public static TogetherReport Of(IReadOnlyList<TogetherConditions<TogetherResult>> results)
    {
        double[] Nll(Func<TogetherConditions<TogetherResult>, TogetherResult> of) => [.. results.Select(result => of(result).Answer.MeanNll)];
        double[] together = Nll(result => result.Together);
        return new TogetherReport(
            results.Count,
            new TogetherConditions<TogetherMeans>(
                TogetherMeans.Of([.. results.Select(result => result.Alone)]), TogetherMeans.Of([.. results.Select(result => result.Chosen)]),
                TogetherMeans.Of([.. results.Select(result => result.Together)])),
            Bootstrap.Difference(together, Nll(result => result.Chosen), new Random(Seed)), Bootstrap.Difference(together, Nll(result => result.Alone), new Random(Seed)),
            results);
    }
}
