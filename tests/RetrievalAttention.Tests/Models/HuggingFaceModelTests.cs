using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

public class HuggingFaceModelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFolderMadeFromTheShippedWeightsIsTheSameModel(bool sharded)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromShippedModel(sharded);
        using IModelWeights expected = ModelFiles.Open(ShippedModel.File);
        using IModelWeights found = ModelFiles.Open(folder.Path);

        Assert.Equal(expected.Config with { RopeFrequencies = [] }, found.Config with { RopeFrequencies = [] });
        Assert.Equal(expected.Config.RopeFrequencies, found.Config.RopeFrequencies);
        Assert.Equal(expected.ChatTemplate, found.ChatTemplate);
        Assert.Equal(expected.CreateTokenizer().Hash, found.CreateTokenizer().Hash);
        Assert.Equal(expected.CreateTokenizer().EndIds, found.CreateTokenizer().EndIds);
        Assert.Matches("^[0-9a-f]{64}$", found.Hash);
        int examined = 0;
        foreach ((string name, long[] shape) in Architectures.Tensors(expected.Config))
        {
            using torch.Tensor one = expected.Read(name, shape), other = found.Read(name, shape);
            Assert.True(one.bytes.SequenceEqual(other.bytes), name);
            examined++;
        }

        Assert.Equal(272, examined);
    }
}
