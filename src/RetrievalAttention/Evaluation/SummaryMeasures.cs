using System.Numerics.Tensors;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;

namespace RetrievalAttention.Evaluation;

/// <summary>How well chosen sentences stand for a book.</summary>
internal static class SummaryMeasures
{
    private const int Tenths = 10;

    /// <summary>
    /// Share of questions that a reader of the chosen sentences could answer: one of them lies in the evidence, where it is known, and holds every content word of an accepted
    /// answer. Questions whose answer no sentence of the book holds so are left out.
    /// </summary>
    /// <returns>1 or 0 for each question that counts.</returns>
    public static IReadOnlyList<double> Answered(ReadBook book, IReadOnlySet<BookSentence> chosen, IEnumerable<(IReadOnlyList<Passages.TextRange> Evidence, IReadOnlyList<string> Answers)> questions)
    {
        Dictionary<BookSentence, HashSet<string>> words = book.Sentences.ToDictionary(sentence => sentence, sentence => ProseWords.Content(sentence.Text).ToHashSet());
        List<double> answered = [];
        foreach ((IReadOnlyList<Passages.TextRange> evidence, IReadOnlyList<string> answers) in questions)
        {
            string[][] wanted = [.. answers.Select(answer => ProseWords.Content(answer).ToArray()).Where(answer => answer.Length > 0)];
            BookSentence[] answering = [.. book.Sentences.Where(sentence =>
                (evidence.Count == 0 || evidence.Any(range => range.Start < sentence.End && sentence.Start < range.End))
                && wanted.Any(answer => answer.All(words[sentence].Contains)))];
            if (answering.Length > 0) answered.Add(answering.Any(chosen.Contains) ? 1 : 0);
        }
        return answered;
    }

    /// <summary>
    /// Jensen-Shannon divergence, in bits, of the content words of the chosen sentences from those of the book. The lower, the better; it follows people's judgements of
    /// summaries without needing a reference (Louis and Nenkova 2013), and knows nothing of embeddings.
    /// </summary>
    public static double Divergence(ReadBook book, IEnumerable<BookSentence> chosen)
    {
        Dictionary<string, double> whole = Distribution(book.Sentences), part = Distribution(chosen);
        double divergence = 0;
        foreach ((string word, double p) in whole)
        {
            double q = part.GetValueOrDefault(word), middle = (p + q) / 2;
            divergence += p * Math.Log2(p / middle) / 2 + (q > 0 ? q * Math.Log2(q / middle) / 2 : 0);
        }
        return divergence;
    }

    /// <summary>Mean over the sentences that were not chosen of the cosine to the nearest chosen one; the longer a sentence, the more it counts.</summary>
    public static double Nearness(ReadBook book, IReadOnlySet<BookSentence> chosen)
    {
        double sum = 0, words = 0;
        foreach (BookSentence sentence in book.Sentences.Where(sentence => sentence.Use == SentenceUse.Quote && !chosen.Contains(sentence)))
        {
            sum += sentence.Words * chosen.Max(other => (double)TensorPrimitives.Dot<float>(sentence.Vector, other.Vector));
            words += sentence.Words;
        }
        return words == 0 ? 1 : sum / words;
    }

    /// <summary>Entropy of the chosen words over the tenths of the text, by that of a uniform distribution: 1 when every tenth is alike.</summary>
    public static double Evenness(ReadBook book, IEnumerable<BookSentence> chosen)
    {
        double[] shares = Shares(book, chosen);
        return -shares.Where(share => share > 0).Sum(share => share * Math.Log(share)) / Math.Log(Tenths);
    }

    /// <summary>Share of the chosen words that stand in the last tenth.</summary>
    public static double LastTenth(ReadBook book, IEnumerable<BookSentence> chosen) => Shares(book, chosen)[^1];

    private static double[] Shares(ReadBook book, IEnumerable<BookSentence> chosen)
    {
        int first = book.Sentences[0].Start, length = book.Sentences[^1].End - first;
        double[] shares = new double[Tenths];
        foreach (BookSentence sentence in chosen) shares[(int)((long)Tenths * (sentence.Start - first) / length)] += sentence.Words;
        double all = shares.Sum();
        return [.. shares.Select(share => all > 0 ? share / all : 0)];
    }

    private static Dictionary<string, double> Distribution(IEnumerable<BookSentence> sentences)
    {
        Dictionary<string, int> counts = sentences.SelectMany(sentence => ProseWords.Content(sentence.Text)).CountBy(word => word).ToDictionary();
        double all = counts.Values.Sum();
        return counts.ToDictionary(pair => pair.Key, pair => pair.Value / all);
    }
}
