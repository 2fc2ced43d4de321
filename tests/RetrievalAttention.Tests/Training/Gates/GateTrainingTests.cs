using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Documents;
using RetrievalAttention.Tests.Memory;
using RetrievalAttention.Tests.Models;
using RetrievalAttention.Training.Gates;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Training.Gates;

public class GateTrainingTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly WritingOptions Options = new() { BookRuns = 1 };

    [Fact]
    public void GradientsOfGatesAreThoseOfTheLoss()
    {
        using var scope = NewDisposeScope();
        using DocumentMemory memory = tiny.Open(tiny.NewFolder()), other = tiny.Open(tiny.NewFolder());
        GateTraining training = new(tiny.Model, [memory, other], Options, seed: 2);
        using Tensor values = zeros(TinyModel.Layers, TinyModel.Heads).requires_grad_();
        HeadGates gates = new(values);
        training.Loss(gates, step: 0, TestContext.Current.CancellationToken).backward();
        Tensor gradient = values.grad!.clone();
        const float Little = 0.05f;
        for (int layer = 0; layer < TinyModel.Layers; layer++)
        {
            for (int head = 0; head < TinyModel.Heads; head++)
            {
                double Shifted(float by)
                {
                    using Tensor moved = zeros(TinyModel.Layers, TinyModel.Heads);
                    moved[layer, head] = tensor(by);
                    return training.Loss(new HeadGates(moved), step: 0, TestContext.Current.CancellationToken).to(float64).item<double>();
                }
                double expected = (Shifted(Little) - Shifted(-Little)) / (2 * Little), found = gradient[layer, head].item<float>();
                Assert.True(Math.Abs(found - expected) < 1e-4 + 0.05 * Math.Abs(expected), $"{layer}.{head}: {found}, expected {expected}");
            }
        }
        Assert.True(gradient.abs().max().item<float>() > 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void TrainingLowersTheLossAndNamesItsDocuments(int rank)
    {
        using TemporaryFolder folder = new();
        using var scope = NewDisposeScope();
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        GateTraining training = new(tiny.Model, [memory], Options, seed: 2, rank);
        LearnedGates learned = training.Run(6, Path.Combine(folder.Path, "checkpoint"), null, TestContext.Current.CancellationToken);
        Assert.Equal(6, learned.Losses.Count);
        Assert.All(learned.Gates.Values, layer => Assert.All(layer, gate => Assert.NotEqual(0, gate)));
        Assert.Equal([tiny.Document.ContentHash], learned.Gates.Documents.Select(document => document.Hash));
        using HeadGates trained = learned.Gates.On(CPU), plain = (learned.Gates with { Values = [.. learned.Gates.Values.Select(layer => new float[layer.Length])], Adapters = null }).On(CPU);
        Assert.Equal(rank, learned.Gates.Adapters?.Rank ?? 0);
        if (rank > 0) Assert.True(trained.Adapters!.Up.abs().max().item<float>() > 0);
        double Loss(HeadGates gates) => Enumerable.Range(0, 6).Average(step => training.Loss(gates, step, TestContext.Current.CancellationToken).item<float>());
        Assert.True(Loss(trained) < Loss(plain), $"{Loss(trained)} against {Loss(plain)}");
    }
}
