using System.Text.Json;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Models;

[Collection(Shipped.OneAtATime)]
public class DecoderTests
{
    private sealed record Reference(string Text, long[] Ids, double MeanNll, double[][] LastTop10, int[] GreedyContinuation);

    private static IReadOnlyList<Reference> References()
    {
        string json = File.ReadAllText(Shipped.Fixture("reference", "smollm2-decoder.json"));
        Reference[] references = JsonSerializer.Deserialize<Reference[]>(json, new JsonSerializerOptions(JsonSerializerDefaults.Web))!;
        Assert.Equal(3, references.Length);
        return references;
    }

    [Fact]
    public void LogitsNllAndGreedyTextMatchTheReference()
    {
        foreach (Reference reference in References())
        {
            using var scope = NewDisposeScope();
            using AttentionContext context = Shipped.Decoder.NewContext(128);
            Tensor logits = Shipped.Decoder.Logits(Shipped.Decoder.Forward(tensor(reference.Ids), context));
            Tensor nll = nn.functional.cross_entropy(logits[..^1], tensor(reference.Ids[1..]));
            Assert.Equal(reference.MeanNll, nll.item<float>(), 0.001);
            foreach (double[] pair in reference.LastTop10)
            {
                Assert.Equal(pair[1], logits[-1, (long)pair[0]].item<float>(), 0.01);
            }
            Assert.Equal(reference.GreedyContinuation, Greedy(context, logits[-1], reference.GreedyContinuation.Length));
        }
    }

    /// <summary>How prompts are read where the processor is faster with it: products in bfloat16, attention over a float32 context.</summary>
    [Fact]
    public void ProductsInBFloat16ChangeLikelihoodsLittle()
    {
        if (ComputeType.FastestForReading(CPU, Shipped.Decoder.Config.HiddenSize) != bfloat16) Assert.Skip("bfloat16 is slow on this processor");
        using Decoder narrow = new(Shipped.Model.Weights, CPU, bfloat16);
        foreach (Reference reference in References())
        {
            using var scope = NewDisposeScope();
            using AttentionContext context = narrow.NewContext(128, float32);
            Assert.True(context.IsPlainMemory);
            Tensor logits = narrow.Logits(narrow.Forward(tensor(reference.Ids), context));
            Assert.Equal(reference.MeanNll, nn.functional.cross_entropy(logits[..^1], tensor(reference.Ids[1..])).item<float>(), 0.03);
        }
    }

    [Fact]
    public void CachedDecodingEqualsTheFullForwardPass()
    {
        Reference reference = References()[2];
        using var scope = NewDisposeScope();
        using AttentionContext whole = Shipped.Decoder.NewContext(64), stepwise = Shipped.Decoder.NewContext(64);
        Tensor atOnce = Shipped.Decoder.Forward(tensor(reference.Ids), whole);
        int examined = 0;
        foreach ((int start, int end) in (ReadOnlySpan<(int, int)>)[(0, 7), (7, 8), (8, 9), (9, 20), (20, reference.Ids.Length)])
        {
            Tensor part = Shipped.Decoder.Forward(tensor(reference.Ids[start..end]), stepwise);
            Assert.True(allclose(atOnce[start..end], part, rtol: 1e-3, atol: 1e-3), $"rows {start} to {end} differ");
            examined += end - start;
        }
        Assert.Equal(reference.Ids.Length, examined);
    }

    [Fact]
    public void NoTensorOutlivesAForwardPass()
    {
        using AttentionContext context = Shipped.Decoder.NewContext(64);
        void Pass()
        {
            using Tensor ids = tensor(new long[] { 1, 2, 3 });
            using Tensor hidden = Shipped.Decoder.Forward(ids, context);
            using Tensor logits = Shipped.Decoder.Logits(hidden);
            context.Truncate(0);
        }
        Pass();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 10; i++) Pass();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static int[] Greedy(AttentionContext context, Tensor lastLogits, int count)
    {
        List<int> ids = [];
        Tensor logits = lastLogits;
        for (int i = 0; i < count; i++)
        {
            long next = logits.argmax().item<long>();
            ids.Add((int)next);
            logits = Shipped.Decoder.Logits(Shipped.Decoder.Forward(tensor(new[] { next }), context))[-1];
        }
        return [.. ids];
    }
}
