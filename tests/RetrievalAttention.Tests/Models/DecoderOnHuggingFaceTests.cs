using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Models;

[Collection(Shipped.OneAtATime)]
public class DecoderOnHuggingFaceTests
{
    [Fact]
    public void AFolderMadeFromTheGgufGivesTheSameLogits()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromShippedModel();
        using IModelWeights weights = ModelFiles.Open(folder.Path);
        using Decoder decoder = new(weights, CPU, float32);
        using var scope = NewDisposeScope();
        long[] ids = [504, 3575, 282, 4649, 314];
        using AttentionContext one = decoder.NewContext(8), other = Shipped.Decoder.NewContext(8);
        Tensor expected = Shipped.Decoder.Logits(Shipped.Decoder.Forward(tensor(ids), other));
        Tensor actual = decoder.Logits(decoder.Forward(tensor(ids), one));
        Assert.Equal(49152, actual.shape[1]);
        Assert.True(allclose(expected, actual, rtol: 0, atol: 1e-5));
    }
}
