using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RetrievalAttention.Training;

/// <summary>Steps of gradient descent: checkpoint, resume, clip, learning rate. What is learned, and from what, is the caller's.</summary>
/// <param name="steps">All steps, those of earlier runs included.</param>
/// <param name="learningRate">The highest: it rises over the first tenth and falls to zero as a cosine.</param>
public sealed class TrainingLoop(nn.Module model, int steps, double learningRate)
{
    private const int StepsACheckpoint = 25;
    private const double GradientNorm = 1;

    /// <param name="settings">Everything on which the course depends besides steps and learning rate.</param>
    /// <param name="path">Of the checkpoint.</param>
    /// <param name="loss">Loss of a step by its number, a number with gradients; the same for the same number. Where it is cancelled, the step does not count.</param>
    /// <returns>Loss of every step.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the next run goes on after the last step.</exception>
    public IReadOnlyList<double> Run(string settings, string path, Func<int, Tensor> loss, IProgress<WorkProgress>? progress, string task, CancellationToken cancellation)
    {
        using OptimizerHelper optimizer = optim.AdamW(model.parameters(), learningRate, weight_decay: 0);
        TrainingState state = new(model, optimizer, string.Create(CultureInfo.InvariantCulture, $"{settings}; {steps} steps, learning rate {learningRate}"), path);
        state.Resume();
        int before = state.Step;
        try
        {
            while (state.Step < steps)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress(task, state.Step, steps, "steps", before));
                state.Add(Step(optimizer, state.Step, loss));
                if (state.Step % StepsACheckpoint == 0 || state.Step == steps) state.Save();
            }
        }
        catch (OperationCanceledException) when (state.Step > before)
        {
            state.Save();
            throw;
        }
        progress?.Report(new WorkProgress(task, steps, steps, "steps", before));
        return state.Losses;
    }

    private double Step(OptimizerHelper optimizer, int step, Func<int, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        foreach (var group in optimizer.ParamGroups) group.LearningRate = learningRate * Schedule(step);
        optimizer.zero_grad();
        Tensor value = loss(step);
        value.backward();
        nn.utils.clip_grad_norm_(model.parameters(), GradientNorm);
        optimizer.step();
        return value.item<float>();
    }

    private double Schedule(int step)
    {
        double share = (step + 1.0) / steps;
        return share < 0.1 ? share / 0.1 : 0.5 * (1 + Math.Cos(Math.PI * (share - 0.1) / 0.9));
    }
}
