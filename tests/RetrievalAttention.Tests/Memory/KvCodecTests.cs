using RetrievalAttention.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

public class KvCodecTests
{
    private static readonly KvShape Shape = new(Layers: 3, KvHeads: 2, HeadSize: 64, Kept: [(1, 1)]);

    /// <summary>Sizes of numbers that the codecs have to hold, from far below to far above those of real keys.</summary>
    private static readonly float[] Magnitudes = [1e-4f, 0.1f, 1, 30, 400];

    [Fact]
    public void Float16ComesBackWithinHalfAUnitOfItsLastPlace() => Examine(MemoryFormat.Float16, (x, _) => x.abs() / 2048 + Math.Pow(2, -25));

    [Fact]
    public void Int8ComesBackWithinHalfAScale() =>
        Examine(MemoryFormat.Int8, (x, group) => x.abs().amax(group.Along, keepdim: true) / 127 * 0.51 + 4e-6);

    [Fact]
    public void Int4ComesBackWithinHalfAStep() => Examine(MemoryFormat.Int4, (x, group) =>
        (group.Of(x).amax(group.OfAlong, keepdim: true) - group.Of(x).amin(group.OfAlong, keepdim: true)).mul(0.51 / 15)
            .add(group.Of(x).abs().amax(group.OfAlong, keepdim: true) / 1024).add(1e-6).expand(group.Of(x).shape).reshape(x.shape));

    [Fact]
    public void EveryFormatIsSmallerThanTheOneBefore()
    {
        int[] bytes = [.. Enum.GetValues<MemoryFormat>().Select(format => KvCodec.For(format, Shape).BytesPerBlock)];
        Assert.Equal(4, bytes.Length);
        Assert.Equal(bytes.OrderDescending(), bytes);
        Assert.True(bytes[2] < 0.32 * bytes[0], $"int4 takes {bytes[2]} of {bytes[0]} bytes");
    }

    /// <summary>Numbers that share a scale: tokens of a channel (keys), channels of a token (values; in groups of 32 for int4).</summary>
    private sealed record Group(bool Keys)
    {
        public long[] Along => Keys ? [3] : [4];

        public long[] OfAlong => Keys ? [3] : [5];

        public Tensor Of(Tensor x) => Keys ? x : x.view(x.shape[0], x.shape[1], x.shape[2], x.shape[3], -1, 32);
    }

    private static void Examine(MemoryFormat format, Func<Tensor, Group, Tensor> bound)
    {
        using var scope = NewDisposeScope();
        KvCodec codec = KvCodec.For(format, Shape);
        Generator random = new(17);
        long examined = 0;
        foreach (float magnitude in Magnitudes)
        {
            // An offset by channel, as real keys have it.
            Tensor Draw() => (randn([2, Shape.Layers, Shape.KvHeads, KvCodec.BlockTokens, Shape.HeadSize], generator: random)
                + randn([1, Shape.Layers, Shape.KvHeads, 1, Shape.HeadSize], generator: random).mul(2)).mul(magnitude);
            (Tensor keys, Tensor values) = (Draw(), Draw());
            (Tensor storedKeys, Tensor storedValues) = codec.RoundTrip(keys, values);
            foreach ((Tensor x, Tensor stored, Group group) in (ReadOnlySpan<(Tensor, Tensor, Group)>)[(keys, storedKeys, new Group(true)), (values, storedValues, new Group(false))])
            {
                Tensor excess = (x - stored).abs() - bound(x, group);
                Assert.True(excess.max().item<float>() <= 0, $"{format} of {(group.Keys ? "keys" : "values")} around {magnitude} is off by {excess.max().item<float>()} more than stated");
                examined += x.numel();
            }
        }
        Assert.Equal(2 * 2 * Magnitudes.Length * Shape.Layers * Shape.KvHeads * KvCodec.BlockTokens * Shape.HeadSize, examined);
    }
}
