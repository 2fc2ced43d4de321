using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.Evaluation;

/// <summary>One choice of sentences on one book, at the same number of words as the others.</summary>
/// <param name="Answered">Share of the questions; null where there are none for the book.</param>
/// <param name="Divergence">Bits; lower is better.</param>
/// <param name="Nearness">Mean cosine of the other sentences to the nearest chosen one.</param>
public sealed record ChoiceResult(SentenceChoice Choice, int Words, double? Answered, double Divergence, double Nearness, IReadOnlyList<double> Answers);

/// <summary>A book's summary, measured.</summary>
/// <param name="Facts">Names and numbers in the summary.</param>
/// <param name="FactsInBlock">Share of them that stand in the cited blocks; 1 when there are none.</param>
/// <param name="FactsInBook">Share of them that stand in the book.</param>
/// <param name="Compression">Words of the summary by words of the book.</param>
/// <param name="Evenness">Entropy of the summary over the tenths of the book, by that of a uniform one.</param>
/// <param name="LastTenth">Share of the summary that comes from the last tenth.</param>
public sealed record BookSummaryResult(
    string Book, SummaryCoverage Coverage, int Sentences, int Facts, double FactsInBlock, double FactsInBook, double Compression, double Evenness, double LastTenth,
    int Questions, IReadOnlyList<ChoiceResult> Choices);

/// <summary>Measures the summary of a book, and every choice of sentences beside it.</summary>
public static class SummaryEvaluation
{
    public static BookSummaryResult Run(ReadBook book, SummaryLength length, IReadOnlyList<AnswerCase> questions, IReadOnlyDictionary<string, IReadOnlyList<string>> answers)
    {
        BookSummary summary = new Summarizer().Summarize(book, length);
        SummaryBudget budget = SummaryBudget.Of(length);
        IReadOnlyList<SummaryPart> parts = SummaryParts.Of(book, budget.MostParts);
        var asked = questions.Select(question => (question.Evidence, answers[question.Id])).ToArray();
        (string Fact, SummarySource Source)[] facts = [.. summary.Sentences.SelectMany(sentence => SummaryFacts.Of(sentence.Text).Select(fact => (fact, sentence.Sources[0])))];
        ChoiceResult[] choices = [.. Enum.GetValues<SentenceChoice>().Select(choice => Measure(book, parts, budget.Words(summary.BookWords), choice, asked))];
        HashSet<BookSentence> chosen = [.. new Summarizer().Choose(book, parts, budget.Words(summary.BookWords)).SelectMany(part => part)];
        return new BookSummaryResult(
            book.Document.Title, summary.Coverage, summary.Sentences.Count(), facts.Length,
            Share(facts, fact => SummaryFacts.Holds(TextOf(book, fact.Source), fact.Fact)), Share(facts, fact => SummaryFacts.Holds(book.Document.Text, fact.Fact)),
            (double)summary.Words / summary.BookWords, SummaryMeasures.Evenness(book, chosen), SummaryMeasures.LastTenth(book, chosen),
            choices[0].Answers.Count, choices);
    }

    private static ChoiceResult Measure(
        ReadBook book, IReadOnlyList<SummaryPart> parts, int words, SentenceChoice choice, (IReadOnlyList<Passages.TextRange>, IReadOnlyList<string>)[] questions)
    {
        HashSet<BookSentence> chosen = [.. new Summarizer(choice).Choose(book, parts, words).SelectMany(part => part)];
        IReadOnlyList<double> answered = SummaryMeasures.Answered(book, chosen, questions);
        return new ChoiceResult(
            choice, chosen.Sum(sentence => sentence.Words), answered.Count == 0 ? null : answered.Average(),
            SummaryMeasures.Divergence(book, chosen), SummaryMeasures.Nearness(book, chosen), answered);
    }

    private static string TextOf(ReadBook book, SummarySource source)
    {
        (int start, int end) = book.Blocks.Range(source.FirstBlock, source.LastBlock);
        return book.Document.Text[start..end];
    }

    private static double Share<T>(IReadOnlyList<T> items, Func<T, bool> holds) => items.Count == 0 ? 1 : (double)items.Count(holds) / items.Count;
}
