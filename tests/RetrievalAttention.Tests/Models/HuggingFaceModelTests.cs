using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

public class HuggingFaceModelTests
{
    [Fact]
    public void AFolderMadeFromTheShippedWeightsIsTheSameModel()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromShippedModel();
        using IModelWeights expected = ModelFiles.Open(ShippedModel.File);
        using IModelWeights found = ModelFiles.Open(folder.Path);

        Assert.Equal(expected.Config with { RopeFrequencies = [] }, found.Config with { RopeFrequencies = [] });
        Assert.Equal(expected.Config.RopeFrequencies, found.Config.RopeFrequencies);
        Assert.Equal(expected.ChatTemplate, found.ChatTemplate);
        Assert.Equal(expected.CreateTokenizer().Hash, found.CreateTokenizer().Hash);
        Assert.Equal(expected.CreateTokenizer().EndIds, found.CreateTokenizer().EndIds);
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
