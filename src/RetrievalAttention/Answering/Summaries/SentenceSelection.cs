using System.Numerics.Tensors;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>Chooses sentences of a stretch one after the other until a length is reached.</summary>
internal static class SentenceSelection
{
    /// <summary>How much of a sentence's score its likeness to one already chosen costs (Carbonell and Goldstein 1998).</summary>
    private const double LikenessCost = 0.5;

    /// <summary>Shorter sentences are never taken because they are short enough to fit.</summary>
    private const int FewWords = 8;

    /// <param name="words">Length to come near to; a sentence is taken when at least half of it still fits.</param>
    /// <param name="atLeastOne">Take the best one even where it does not fit.</param>
    /// <returns>In document order.</returns>
    public static IReadOnlyList<BookSentence> Pick(
        IReadOnlyList<BookSentence> stretch, SentenceScores scores, SentenceChoice choice, double words, bool atLeastOne, int most = int.MaxValue)
    {
        List<int> picked = [];
        double left = words;
        double[] score = Normalised(scores.Of(choice, stretch));
        double[] likeness = new double[stretch.Count];
        HashSet<int> open = [.. Enumerable.Range(0, stretch.Count)];
        while (open.Count > 0 && picked.Count < most)
        {
            int[] fitting = [.. open.Where(i => stretch[i].Words >= FewWords && stretch[i].Words <= 2 * left)];
            if (fitting.Length == 0 && picked.Count == 0 && atLeastOne)
                fitting = open.Any(i => stretch[i].Words >= FewWords) ? [.. open.Where(i => stretch[i].Words >= FewWords)] : [.. open];
            if (fitting.Length == 0) break;
            int best = Best(picked.Count == 0 ? fitting : open);
            // What is left is rather given to the next stretch than to a scrap that happens to fit.
            if (picked.Count > 0 && stretch[best].Words > 2 * left) break;
            picked.Add(best);
            open.Remove(best);
            left -= stretch[best].Words;
            for (int i = 0; i < likeness.Length; i++) likeness[i] = Math.Max(likeness[i], Cosine(stretch[i], stretch[best]));
        }
        return [.. picked.Order().Select(i => stretch[i])];

        int Best(IEnumerable<int> candidates) => choice == SentenceChoice.Coverage
            ? candidates.MaxBy(i => Gain(stretch, likeness, i))
            : candidates.MaxBy(i => score[i] - (IsDiverse(choice) ? LikenessCost * likeness[i] : 0));
    }

    /// <summary>How much nearer all sentences come to their nearest chosen one, by the root of the sentence's length.</summary>
    private static double Gain(IReadOnlyList<BookSentence> stretch, double[] likeness, int candidate)
    {
        double gain = 0;
        for (int i = 0; i < stretch.Count; i++) gain += stretch[i].Words * Math.Max(0, Cosine(stretch[i], stretch[candidate]) - likeness[i]);
        return gain / Math.Sqrt(stretch[candidate].Words);
    }

    private static bool IsDiverse(SentenceChoice choice) => choice is not (SentenceChoice.Lead or SentenceChoice.Random);

    private static double Cosine(BookSentence a, BookSentence b) => TensorPrimitives.Dot<float>(a.Vector, b.Vector);

    private static double[] Normalised(double[] scores)
    {
        double least = scores.Min(), range = scores.Max() - least;
        return [.. scores.Select(score => range > 0 ? (score - least) / range : 0)];
    }
}
