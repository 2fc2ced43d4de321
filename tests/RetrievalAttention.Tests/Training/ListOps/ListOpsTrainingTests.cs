using RetrievalAttention.Tests.Documents;
using RetrievalAttention.Tests.Memory;
using RetrievalAttention.Training.ListOps;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Training.ListOps;

public class ListOpsTrainingTests
{
    private const int Length = 32;

    private static readonly ListOpsShape Shape = new(Layers: 1, Size: 16, Heads: 2, Window: 8, MemoryKeys: 4);

    private readonly ListOpsTraining _training = new(Shape, Length, seed: 3);

    [Fact]
    public void NoExpressionThatIsHeldBackIsTrainedOn()
    {
        HashSet<string> heldBack = [.. _training.HeldBackSamples().Select(sample => ListOpsTokens.Text(sample.Tokens))];
        Assert.True(heldBack.Count > 900, $"only {heldBack.Count} different ones");
        string[] trained = [.. Enumerable.Range(0, 100).SelectMany(_training.TrainingBatch).Select(sample => ListOpsTokens.Text(sample.Tokens))];
        Assert.Equal(1600, trained.Length);
        Assert.DoesNotContain(trained, heldBack.Contains);
    }

    /// <summary>One layer, so that nothing reaches the end over other tokens.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnlyAMemorySeesBeyondTheWindow(bool memory)
    {
        using var scope = NewDisposeScope();
        using ListOpsModel model = _training.NewModel(memory);
        Tensor End(int first, int near) => model.call(tensor([.. Enumerable.Repeat((long)first, 6), .. Enumerable.Repeat(7L, 18), .. Enumerable.Repeat((long)near, 8)]).view(1, -1))[0, -1];
        Assert.NotEqual(memory, End(1, 2).allclose(End(2, 2)));
        Assert.False(End(1, 2).allclose(End(1, 3)));
    }

    [Fact]
    public void NobodySeesTheFuture()
    {
        using var scope = NewDisposeScope();
        using ListOpsModel model = _training.NewModel(memory: true);
        Tensor Before(int last) => model.call(tensor([.. Enumerable.Range(0, 20).Select(i => (long)i % 10), last]).view(1, -1)).narrow(1, 0, 20);
        Assert.True(Before(3).allclose(Before(4), atol: 1e-6));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStoppedTrainingGoesOnAsIfItHadNotBeen(bool memory)
    {
        using TemporaryFolder folder = new();
        string undisturbed = Path.Combine(folder.Path, "undisturbed"), stopped = Path.Combine(folder.Path, "stopped");
        ListOpsResult whole = _training.Run(memory, steps: 8, undisturbed, null, TestContext.Current.CancellationToken);

        using CancellationTokenSource stop = new();
        int shown = 0;
        CallbackProgress progress = new(_ =>
        {
            if (++shown == 4) stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => { _training.Run(memory, steps: 8, stopped, progress, stop.Token); });
        ListOpsResult resumed = _training.Run(memory, steps: 8, stopped, null, TestContext.Current.CancellationToken);
        Assert.Equal(whole.Losses, resumed.Losses);
        Assert.Equal(File.ReadAllBytes(undisturbed), File.ReadAllBytes(stopped));
    }

    [Fact]
    public void ACheckpointOfAnotherTrainingIsRefused()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "checkpoint");
        _training.Run(memory: false, steps: 1, path, null, TestContext.Current.CancellationToken);
        ProblemException problem = Assert.Throws<ProblemException>(() => _training.Run(memory: true, steps: 1, path, null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Setting, problem.Kind);
        Assert.Contains("memory False", problem.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..500]);
        Assert.Equal(ProblemKind.Index, Assert.Throws<ProblemException>(() => _training.Run(memory: false, steps: 1, path, null, TestContext.Current.CancellationToken)).Kind);
    }

    /// <summary>Expressions that fit the window, so that little is needed.</summary>
    [Fact]
    public void TrainingLearns()
    {
        using TemporaryFolder folder = new();
        ListOpsTraining training = new(Shape with { Size = 32, Window = 16 }, length: 16, seed: 3);
        ListOpsResult result = training.Run(memory: false, steps: 200, Path.Combine(folder.Path, "checkpoint"), null, TestContext.Current.CancellationToken);
        double start = result.Losses.Take(10).Average(), end = result.Losses.TakeLast(10).Average();
        Assert.True(end < start - 0.3, $"from {start} to {end}");
        Assert.True(result.Accuracy.Low > training.MajorityClass, $"{result.Accuracy} against {training.MajorityClass}");
    }
}
