using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Text;
using RetrievalAttention.Answering.Prose;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>Scores sentences of one stretch: the higher, the better it stands for the stretch. Only the order within a stretch counts.</summary>
/// <param name="words">Of the whole book.</param>
/// <param name="attention">Attention that each block receives from later text; null where it was not measured.</param>
public sealed class SentenceScores(WordStatistics words, IReadOnlyList<double>? attention = null)
{
    /// <summary>Cosines below this are no resemblance (LexRank).</summary>
    private const float LeastCosine = 0.3f;

    /// <summary>Probability of going on along a resemblance rather than to any sentence, and rounds of it (LexRank).</summary>
    private const double Damping = 0.85;
    private const int Rounds = 30;

    /// <summary>What standing alone is worth, beside a place from 0 to 1 among the sentences of a stretch.</summary>
    private const double IndependenceWeight = 1;

    public double[] Of(SentenceChoice choice, IReadOnlyList<BookSentence> stretch) => choice switch
    {
        SentenceChoice.Lead => [.. stretch.Select((_, i) => (double)-i)],
        SentenceChoice.Random => [.. stretch.Select(sentence => (double)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(sentence.Text)) >> 32))],
        SentenceChoice.Centroid or SentenceChoice.Coverage => Centroid(stretch),
        SentenceChoice.LexRank => LexRank(stretch),
        SentenceChoice.Frequency => Frequency(stretch),
        SentenceChoice.Detail => [.. stretch.Select(words.Detail)],
        SentenceChoice.Mixture => MeanRank(stretch, []),
        SentenceChoice.Attention => Attention(stretch),
        SentenceChoice.MixtureWithAttention => MeanRank(stretch, Attention(stretch)),
        SentenceChoice.Readable => [.. MeanRank(stretch, []).Zip(stretch, (score, sentence) => score + IndependenceWeight * sentence.Independence)],
        _ => throw new ArgumentOutOfRangeException(nameof(choice), choice, "Not a choice of sentences."),
    };

    private static double[] Centroid(IReadOnlyList<BookSentence> stretch)
    {
        float[] mean = Mean(stretch);
        return [.. stretch.Select(sentence => (double)TensorPrimitives.Dot<float>(sentence.Vector, mean))];
    }

    /// <summary>Mean of the vectors; the longer a sentence, the more of it.</summary>
    public static float[] Mean(IReadOnlyList<BookSentence> stretch)
    {
        float[] mean = new float[stretch[0].Vector.Length];
        foreach (BookSentence sentence in stretch) TensorPrimitives.MultiplyAdd(sentence.Vector, sentence.Words, mean, mean);
        float length = TensorPrimitives.Norm<float>(mean);
        if (length > 0) TensorPrimitives.Divide(mean, length, mean);
        return mean;
    }

    private static double[] LexRank(IReadOnlyList<BookSentence> stretch)
    {
        int count = stretch.Count;
        double[][] links = new double[count][];
        for (int i = 0; i < count; i++)
        {
            links[i] = [.. stretch.Select(other => (double)TensorPrimitives.Dot<float>(stretch[i].Vector, other.Vector)).Select(cosine => cosine >= LeastCosine ? cosine : 0)];
            double sum = links[i].Sum();
            if (sum > 0) TensorPrimitives.Divide(links[i], sum, links[i]);
            else Array.Fill(links[i], 1.0 / count);
        }
        double[] rank = new double[count];
        Array.Fill(rank, 1.0 / count);
        for (int round = 0; round < Rounds; round++)
        {
            double[] next = new double[count];
            Array.Fill(next, (1 - Damping) / count);
            for (int i = 0; i < count; i++) TensorPrimitives.MultiplyAdd(links[i], Damping * rank[i], next, next);
            rank = next;
        }
        return rank;
    }

    private static double[] Frequency(IReadOnlyList<BookSentence> stretch)
    {
        string[][] contents = [.. stretch.Select(sentence => ProseWords.Content(sentence.Text).ToArray())];
        Dictionary<string, int> counts = contents.SelectMany(content => content).CountBy(word => word).ToDictionary();
        return [.. contents.Select(content => content.Length == 0 ? 0 : content.Average(word => counts[word]))];
    }

    private double[] Attention(IReadOnlyList<BookSentence> stretch)
    {
        if (attention is null) throw new InvalidOperationException("The attention that blocks receive was not measured.");
        return [.. stretch.Select(sentence => Enumerable.Range(sentence.FirstBlock, sentence.LastBlock - sentence.FirstBlock + 1).Average(block => attention[block]))];
    }

    /// <summary>Mean of the ranks by centroid, frequency and detail, and by one more score where there is one.</summary>
    private double[] MeanRank(IReadOnlyList<BookSentence> stretch, double[] also)
    {
        double[][] ranks = [Ranks(Centroid(stretch)), Ranks(Frequency(stretch)), Ranks([.. stretch.Select(words.Detail)])];
        if (also.Length > 0) ranks = [.. ranks, Ranks(also)];
        return [.. Enumerable.Range(0, stretch.Count).Select(i => ranks.Average(rank => rank[i]))];
    }

    /// <summary>0 for the lowest score to 1 for the highest.</summary>
    private static double[] Ranks(double[] scores)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ThenByDescending(i => i)];
        double[] ranks = new double[scores.Length];
        for (int rank = 0; rank < order.Length; rank++) ranks[order[rank]] = scores.Length == 1 ? 1 : (double)rank / (scores.Length - 1);
        return ranks;
    }
}
