using System.Globalization;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>
/// Summarises a book by its own sentences: every part has its share of the length, and at least one sentence. Goals: 1. nothing invented;
/// 2. the whole book, not its beginning; 3. never longer than half of it.
/// </summary>
/// <param name="attention">Attention that each block receives from later text, for the choices that look at it; null for the others.</param>
public sealed class Summarizer(SentenceChoice choice = Summarizer.BestChoice, IReadOnlyList<double>? attention = null)
{
    /// <summary>
    /// In 'ra eval summary' the mixture diverges least from the book's words and prepares best for its text beside the choices that cost no more; what stands alone is preferred among its
    /// sentences for the reader's sake, at a small cost in both. In questions answered no choice is better than lead sentences beyond chance.
    /// </summary>
    public const SentenceChoice BestChoice = SentenceChoice.Readable;

    /// <summary>Sentences that are compared with one another; longer parts are divided, so that none is summarised by its beginning or one theme.</summary>
    private const int StretchSentences = 120;

    /// <exception cref="ProblemException">There is nothing that could be quoted.</exception>
    public BookSummary Summarize(ReadBook book, SummaryLength length) => Summarize(book, length, SummaryBudget.Of(length));

    /// <param name="budget">Instead of that of the length, for one of several books.</param>
    /// <inheritdoc cref="Summarize(ReadBook, SummaryLength)"/>
    public BookSummary Summarize(ReadBook book, SummaryLength length, SummaryBudget budget)
    {
        IReadOnlyList<SummaryPart> parts = SummaryParts.Of(book, budget);
        if (parts.Count == 0)
        {
            throw new ProblemException(ProblemKind.Document,
                $"'{book.Document.Title}' has nothing to quote: {book.Sentences.Count} headings or fragments, and no sentence. A summary needs running text.");
        }
        int bookWords = parts.Sum(part => part.Words);
        int words = budget.Words(bookWords);
        IReadOnlyList<BookSentence>[] chosen = Choose(book, parts, words);
        PartSummary[] summaries = [.. parts.Zip(chosen, (part, sentences) => new PartSummary(part.HeadingPath, part.Words, [.. sentences.Select(sentence => Quote(book, sentence))]))];
        return new BookSummary(
            book.Document.Title, length, summaries,
            new SummaryCoverage(book.BlocksRead, book.BlocksWanted, chosen.Count(sentences => sentences.Count > 0), parts.Count),
            chosen.Sum(sentences => sentences.Sum(sentence => sentence.Words)), bookWords, [.. Notes(budget, bookWords)]);
    }

    /// <summary>The best sentences for each part, about the wanted number of words in all; what one part leaves or overdraws goes to the next.</summary>
    internal IReadOnlyList<BookSentence>[] Choose(ReadBook book, IReadOnlyList<SummaryPart> parts, int words)
    {
        SentenceScores scores = new(book.Statistics, attention);
        HashSet<string> quoted = [];
        double share = (double)words / parts.Sum(part => part.Words), carried = 0;
        return [.. parts.Select(part =>
        {
            List<BookSentence> picked = [];
            // What is said twice in the book is quoted once.
            BookSentence[] fresh = [.. part.Candidates.Where(sentence => !quoted.Contains(sentence.Text)).DistinctBy(sentence => sentence.Text)];
            BookSentence[][] stretches = Stretches(fresh.Length > 0 ? fresh : part.Candidates);
            for (int i = 0; i < stretches.Length; i++)
            {
                double quota = share * stretches[i].Sum(sentence => sentence.Words) + carried;
                bool last = i == stretches.Length - 1;
                IReadOnlyList<BookSentence> own = SentenceSelection.Pick(stretches[i], scores, choice, quota, atLeastOne: last && picked.Count == 0);
                carried = quota - own.Sum(sentence => sentence.Words);
                picked.AddRange(own);
                quoted.UnionWith(own.Select(sentence => sentence.Text));
            }
            return picked;
        })];
    }

    /// <summary>The sentences that best stand for a part.</summary>
    internal IReadOnlyList<BookSentence> KeySentences(SentenceScores scores, SummaryPart part, int most)
    {
        // Of a long part, one from each of as many stretches as are wanted.
        int stretches = part.Candidates.Count > StretchSentences ? most : 1;
        return [.. part.Candidates.Chunk((part.Candidates.Count + stretches - 1) / stretches)
            .SelectMany(stretch => SentenceSelection.Pick(stretch, scores, choice, int.MaxValue / 4, atLeastOne: true, most / stretches))];
    }

    internal static SummarySentence Quote(ReadBook book, BookSentence sentence)
    {
        Locator locator = book.Reading.Locate(sentence.Start, sentence.End);
        return new SummarySentence(
            sentence.Text, SummarySentenceKind.Quoted,
            [new SummarySource(locator.Section, locator.PageLabel, locator.Start, locator.End, sentence.FirstBlock, sentence.LastBlock)], Support: null);
    }

    private static BookSentence[][] Stretches(IReadOnlyList<BookSentence> candidates)
    {
        int stretches = (candidates.Count + StretchSentences - 1) / StretchSentences;
        return [.. candidates.Chunk((candidates.Count + stretches - 1) / stretches)];
    }

    private static IEnumerable<string> Notes(SummaryBudget budget, int bookWords)
    {
        if (budget.Wanted(bookWords) > bookWords / 2)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The text has only {bookWords:N0} words; instead of the {budget.Wanted(bookWords):N0} that were asked for, the summary has at most half of them, or one sentence of each section.");
        }
    }
}
