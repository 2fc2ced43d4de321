using RetrievalAttention.Indexing;
using TorchSharp;

namespace RetrievalAttention.Tests.Indexing;

public sealed class ExactVectorIndexTests : VectorIndexConformance
{
    protected override IVectorIndex Create(VectorIdentity identity) => ExactVectorIndex.Create(identity, torch.CPU);

    protected override IVectorIndex Open(string path, VectorIdentity identity) => ExactVectorIndex.Open(path, identity, torch.CPU);
}

/// <summary>The scan that a GPU uses, on the processor's libtorch.</summary>
public sealed class ExactVectorIndexByLibtorchTests : VectorIndexConformance
{
    protected override IVectorIndex Create(VectorIdentity identity) => new ExactVectorIndex(identity, new DeviceScan(torch.CPU));

    protected override IVectorIndex Open(string path, VectorIdentity identity) => ExactVectorIndex.Open(path, identity, new DeviceScan(torch.CPU));

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (IVectorIndex index = Create(Identity))
        {
            index.Add([1, 2], [[.. Enumerable.Repeat(1f, 32)], [.. Enumerable.Repeat(-1f, 32)]]);
            for (int i = 0; i < 10; i++) Assert.Equal(2, index.Search([.. Enumerable.Repeat(1f, 32)], 5).Count);
            index.Add([3], [[.. Enumerable.Repeat(2f, 32)]]);
            Assert.Equal(3, index.Search([.. Enumerable.Repeat(1f, 32)], 5).Count);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
