namespace RetrievalAttention.Tests;

public class TorchTests
{
    [Fact]
    public void LibtorchLoadsAndComputes()
    {
        using var ones = TorchSharp.torch.ones(2, 2);
        using var sum = ones.sum();
        Assert.Equal(4f, sum.item<float>());
    }
}
