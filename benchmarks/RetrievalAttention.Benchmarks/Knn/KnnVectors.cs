using System.Numerics.Tensors;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Benchmarks.Knn;

/// <summary>
/// Vectors as a library has them: embeddings of real passages, and mixtures of two of them with a little noise where more are wanted than there
/// are passages. Independent random numbers would be no test: nothing is near anything in 384 dimensions.
/// </summary>
internal sealed class KnnVectors(IReadOnlyList<float[]> real, int seed)
{
    /// <summary>Length of the noise beside a vector of length 1.</summary>
    private const float Noise = 0.2f;

    private readonly Random _random = new(seed);

    public static IReadOnlyList<float[]> Embed(SentenceEmbedder embedder, IEnumerable<string> books, int passages)
    {
        string[] texts = [.. books.SelectMany(book => PassagesOf(book, embedder)).Take(passages)];
        return embedder.Embed(texts, EmbeddingPurpose.Passage);
    }

    public float[][] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Mixture())];

    private float[] Mixture()
    {
        float[] first = real[_random.Next(real.Count)];
        float[] second = real[_random.Next(real.Count)];
        float share = 0.5f + 0.5f * _random.NextSingle();
        float[] mixture = new float[first.Length];
        float scale = Noise * MathF.Sqrt(12f / first.Length);
        for (int i = 0; i < mixture.Length; i++) mixture[i] = share * first[i] + (1 - share) * second[i] + scale * (_random.NextSingle() - 0.5f);
        TensorPrimitives.Divide(mixture, TensorPrimitives.Norm<float>(mixture), mixture);
        return mixture;
    }

    public static IEnumerable<string> PassagesOf(string book, SentenceEmbedder embedder)
    {
        string text = File.ReadAllText(book);
        var document = new Document
        {
            Path = book,
            Format = DocumentFormat.Text,
            Title = Path.GetFileNameWithoutExtension(book),
            ContentHash = "",
            Text = text,
            Sections = [new Section([], 0, text.Length)],
            Paragraphs = [new Paragraph(0, text.Length, ParagraphKind.Body)],
        };
        return PassageSplitter.Split(document, embedder.CountTokens, new PassageOptions()).Select(passage => passage.EmbeddedText);
    }
}
