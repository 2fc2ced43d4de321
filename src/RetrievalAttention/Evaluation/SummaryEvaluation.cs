using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation;

/// <summary>One choice of sentences on one book, at the same number of words as the others.</summary>
/// <param name="Answered">Share of the questions; null where there are none for the book.</param>
/// <param name="Divergence">Bits; lower is better.</param>
/// <param name="Nearness">Mean cosine of the other sentences to the nearest chosen one.</param>
/// <param name="Answers">1 or 0 for each question.</param>
/// <param name="Nll">For each section measured: nats a token of its text after the chosen sentences; empty when that was not measured.</param>
public sealed record ChoiceResult(
    SentenceChoice Choice, int Words, double? Answered, double Divergence, double Nearness, IReadOnlyList<double> Answers, IReadOnlyList<double> Nll);

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

/// <summary>Measures the quoted summary of a book, and every choice of sentences beside it.</summary>
public static class SummaryEvaluation
{
    /// <param name="attention">By block; null leaves out the choices that need it.</param>
    public static BookSummaryResult Run(
        ReadBook book, SummaryLength length, IReadOnlyList<AnswerCase> questions, IReadOnlyDictionary<string, IReadOnlyList<string>> answers, IReadOnlyList<double>? attention = null)
    {
        BookSummary summary = new Summarizer().Summarize(book, length);
        SummaryBudget budget = SummaryBudget.Of(length);
        IReadOnlyList<SummaryPart> parts = SummaryParts.Of(book, budget);
        int words = budget.Words(summary.BookWords);
        var asked = questions.Select(question => (question.Evidence, answers[question.Id])).ToArray();
        (string Fact, SummarySource Source)[] facts = [.. summary.Sentences.SelectMany(sentence => ProseFacts.Of(sentence.Text).Select(fact => (fact, sentence.Sources[0])))];
        ChoiceResult[] choices = [.. ChoicesWith(attention).Select(choice => Measure(book, new Summarizer(choice, attention).Choose(book, parts, words), choice, asked))];
        HashSet<BookSentence> chosen = [.. new Summarizer().Choose(book, parts, words).SelectMany(part => part)];
        return new BookSummaryResult(
            book.Document.Title, summary.Coverage, summary.Sentences.Count(), facts.Length,
            Share(facts, fact => ProseFacts.Holds(TextOf(book, fact.Source), fact.Fact)), Share(facts, fact => ProseFacts.Holds(book.Document.Text, fact.Fact)),
            (double)summary.Words / summary.BookWords, SummaryMeasures.Evenness(book, chosen), SummaryMeasures.LastTenth(book, chosen),
            choices[0].Answers.Count, choices);
    }

    /// <summary>The same with the likelihood of some sections' text, evenly spread over the book, after each choice's sentences for them.</summary>
    /// <param name="sections">How many.</param>
    public static BookSummaryResult WithLikelihood(
        BookSummaryResult result, LoadedModel model, ReadBook book, SummaryLength length, int sections, IReadOnlyList<double>? attention, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SentenceChoice[] choices = [.. result.Choices.Select(choice => choice.Choice)];
        List<double[]> measured = [];
        IReadOnlyList<SummaryPart> parts = LongParts(model, book, length, sections);
        foreach (SummaryPart part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Predicting {book.Document.Title}", measured.Count, parts.Count, "sections"));
            IReadOnlyList<BookSentence>[] chosen = [.. choices.Select(choice => new Summarizer(choice, attention).Choose(book, [part], SectionWords(part))[0])];
            double[]? nll = new SectionLikelihood(model, book).Measure(
                part, [.. chosen.Select(sentences => string.Join(' ', sentences.Select(sentence => sentence.Text)))], chosen.SelectMany(sentences => sentences).ToHashSet());
            if (nll is not null) measured.Add(nll);
        }
        return result with { Choices = [.. result.Choices.Select((choice, i) => choice with { Nll = [.. measured.Select(nll => nll[i])] })] };
    }

    /// <summary>Parts whose text can be measured, as many as wanted, evenly spread.</summary>
    internal static IReadOnlyList<SummaryPart> LongParts(LoadedModel model, ReadBook book, SummaryLength length, int most)
    {
        SummaryPart[] parts = [.. SummaryParts.Of(book, SummaryBudget.Of(length))
            .Where(part => model.Tokenizer.Encode(book.Document.Text[part.Candidates[0].Start..part.Candidates[^1].End]).Count >= SectionLikelihood.FewestTokens)];
        return [.. Enumerable.Range(0, Math.Min(most, parts.Length)).Select(i => parts[i * parts.Length / Math.Min(most, parts.Length)])];
    }

    /// <summary>Words that stand for a section when its likelihood is measured: a few sentences.</summary>
    internal static int SectionWords(SummaryPart part) => Math.Clamp(part.Words / 20, 60, 150);

    private static IEnumerable<SentenceChoice> ChoicesWith(IReadOnlyList<double>? attention) =>
        Enum.GetValues<SentenceChoice>().Where(choice => attention is not null || choice is not (SentenceChoice.Attention or SentenceChoice.MixtureWithAttention));

    private static ChoiceResult Measure(
        ReadBook book, IReadOnlyList<BookSentence>[] sentences, SentenceChoice choice, (IReadOnlyList<Passages.TextRange>, IReadOnlyList<string>)[] questions)
    {
        HashSet<BookSentence> chosen = [.. sentences.SelectMany(part => part)];
        IReadOnlyList<double> answered = SummaryMeasures.Answered(book, chosen, questions);
        return new ChoiceResult(
            choice, chosen.Sum(sentence => sentence.Words), answered.Count == 0 ? null : answered.Average(),
            SummaryMeasures.Divergence(book, chosen), SummaryMeasures.Nearness(book, chosen), answered, []);
    }

    private static string TextOf(ReadBook book, SummarySource source)
    {
        (int start, int end) = book.Blocks.Range(source.FirstBlock, source.LastBlock);
        return book.Document.Text[start..end];
    }

    private static double Share<T>(IReadOnlyList<T> items, Func<T, bool> holds) => items.Count == 0 ? 1 : (double)items.Count(holds) / items.Count;
}
