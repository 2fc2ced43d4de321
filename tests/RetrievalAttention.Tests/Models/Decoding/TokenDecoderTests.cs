using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Models.Decoding;

[Collection(Shipped.OneAtATime)]
public class TokenDecoderTests
{
    private const int Written = 32;

    /// <summary>Largest difference of a logit from libtorch's. They range over about 40; float32 sums in another order explain 1e-4 to 1e-3.</summary>
    private const double Tolerance = 0.005;

    private static readonly string[] Prompts =
    [
        "The capital of France is", "Once upon a time there was a king who", "Water boils at", "def fibonacci(n):", "My favourite season is autumn because",
        "The three primary colours are", "\"Where have you been?\" asked the old woman.", "To bake bread you need", "In 1969 the first", "List five animals:",
        "The ship left the harbour at dawn and", "Dear Sir or Madam,", "2 + 2 =", "A triangle has", "Photosynthesis is the process by which",
        "He opened the door and saw", "The quick brown fox", "Alice was beginning to get very tired of", "How do I learn to play the piano?", "Es war einmal",
    ];

    [Fact]
    public void GreedyTextsAndLogitsEqualLibtorchs()
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        double worst = 0;
        int examined = 0;
        foreach (string prompt in Prompts)
        {
            int[] ids = [.. Shipped.Model.Tokenizer.EncodePrompt(prompt)];
            using AttentionContext context = Shipped.Decoder.NewContext(128), whole = Shipped.Decoder.NewContext(128);
            int next = IndexOfMax(Libtorch(ids, context));
            List<int> written = [];
            List<float[]> found = [];
            for (int i = 0; i < Written; i++)
            {
                written.Add(next);
                found.Add(decoder.Next(next, context).ToArray());
                next = IndexOfMax(found[^1]);
            }

            // Every token follows from the ones before it as libtorch would have it, so the whole text is libtorch's.
            using var scope = NewDisposeScope();
            Tensor logits = Shipped.Decoder.Logits(Shipped.Decoder.Forward(tensor(ids.Concat(written).Select(id => (long)id).ToArray()), whole)[^Written..]);
            for (int i = 0; i < Written; i++)
            {
                float[] expected = logits[i].data<float>().ToArray();
                worst = Math.Max(worst, LargestDifference(expected, found[i]));
                Assert.Equal(IndexOfMax(expected), IndexOfMax(found[i]));
                examined++;
            }
        }
        Assert.Equal(20 * Written, examined);
        Assert.True(worst < Tolerance, $"a logit differs by {worst}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{examined} tokens, largest difference of a logit {worst:g3}");
    }

    [Fact]
    public void ReadingAndWritingInTurnGivesTheSameContext()
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        int[] ids = [.. Shipped.Model.Weights.CreateTokenizer().EncodePrompt(string.Join(' ', Prompts)).Take(100)];
        using AttentionContext expected = Shipped.Decoder.NewContext(128), found = Shipped.Decoder.NewContext(128);
        Libtorch(ids, expected);

        Libtorch(ids[..40], found);
        foreach (int id in ids[40..60]) decoder.Next(id, found);
        Libtorch(ids[60..80], found);
        foreach (int id in ids[80..]) decoder.Next(id, found);

        Assert.Equal((100, 100), (expected.Length, found.Length));
        int layers = 0;
        for (int layer = 0; layer < Shipped.Decoder.Config.Layers; layer++)
        {
            using var scope = NewDisposeScope();
            Assert.True(allclose(expected.Keys(layer), found.Keys(layer), 1e-3, 2e-3), $"keys of layer {layer} differ");
            Assert.True(allclose(expected.Values(layer), found.Values(layer), 1e-3, 2e-3), $"values of layer {layer} differ");
            layers++;
        }
        Assert.Equal(30, layers);
    }

    [Fact]
    public void TapsSeeTheSameAttention()
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        int[] ids = [.. Shipped.Model.Weights.CreateTokenizer().EncodePrompt(string.Join(' ', Prompts)).Take(90)];
        RetrievalHead[] heads = [new(18, 7), new(18, 6), new(14, 3)];
        (int, int)[] spans = [(0, 16), (16, 48), (48, 80)];
        SpanAttention expected = new(Shipped.Decoder.Rope, heads, spans), found = new(Shipped.Decoder.Rope, heads, spans);
        using AttentionContext one = Shipped.Decoder.NewContext(128), other = Shipped.Decoder.NewContext(128);
        Libtorch(ids[..80], one);
        Libtorch(ids[..80], other);
        foreach (int id in ids[80..])
        {
            Libtorch([id], one, expected);
            decoder.Next(id, other, found);
        }
        Assert.Equal(3, expected.Totals.Length);
        for (int i = 0; i < spans.Length; i++) Assert.Equal(expected.Totals[i], found.Totals[i], 1e-3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GatesAndAdaptersWorkAlike(bool adapted)
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        int[] ids = [.. Shipped.Model.Weights.CreateTokenizer().EncodePrompt(string.Join(' ', Prompts)).Take(70)];
        static Tensor Wave(double scale, params long[] shape) => arange(shape.Aggregate(1L, (a, b) => a * b), float32).mul(0.7).sin().mul(scale).view(shape);
        using HeadGates gates = new(Wave(adapted ? 0 : 2, 30, 9), adapted ? new QueryAdapters(Wave(0.1, 30, 3, 576), Wave(0.3, 30, 576, 3)) : null);
        float[] Last(bool gated, Func<int[], AttentionContext, float[]> read)
        {
            using AttentionContext context = Shipped.Decoder.NewContext(128);
            Libtorch(ids[..40], context);
            context.Remember(25);
            Libtorch(ids[40..60], context);
            context.Gates = gated ? gates : null;
            return read(ids[60..], context);
        }
        float[] expected = Last(gated: true, (rest, context) => Libtorch(rest, context)), found = Last(gated: true, (rest, context) => rest.Select(id => decoder.Next(id, context).ToArray()).ToArray()[^1]);
        Assert.True(LargestDifference(expected, found) < Tolerance, $"a logit differs by {LargestDifference(expected, found)}");
        Assert.True(LargestDifference(expected, Last(gated: false, (rest, context) => Libtorch(rest, context))) > 100 * Tolerance);
    }

    [Fact]
    public void NoTensorOutlivesAToken()
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        SpanAttention tap = new(Shipped.Decoder.Rope, [new(18, 7)], [(0, 1)]);
        using AttentionContext context = Shipped.Decoder.NewContext(64);
        decoder.Next(1, context, tap);
        decoder.Next(2, context, tap);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 10; i++) decoder.Next(3, context, tap);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void AFullContextIsRefusedBeforeAnythingIsWritten()
    {
        using TokenDecoder decoder = new(Shipped.Model.Weights);
        using AttentionContext context = Shipped.Decoder.NewContext(2);
        decoder.Next(1, context);
        decoder.Next(2, context);
        Assert.Throws<InvalidOperationException>(() => decoder.Next(3, context).Length);
        Assert.Equal(2, context.Length);
    }

    private static float[] Libtorch(int[] ids, AttentionContext context, IAttentionTap? tap = null)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = Shipped.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context, tap);
        return Shipped.Decoder.Logits(hidden[^1..])[0].data<float>().ToArray();
    }

    private static int IndexOfMax(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);

    private static double LargestDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double largest = 0;
        for (int i = 0; i < a.Length; i++) largest = Math.Max(largest, Math.Abs(a[i] - b[i]));
        return largest;
    }
}
