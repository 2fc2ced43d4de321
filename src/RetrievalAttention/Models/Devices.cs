using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>The device that was chosen, and why.</summary>
/// <param name="Reason">For a person; empty when there was nothing to decide.</param>
public sealed record ChosenDevice(Device Device, string Reason);

/// <summary>Chooses the device by the option auto, cpu or cuda[:n].</summary>
public static class Devices
{
    /// <exception cref="ProblemException">The option is none of these, or the device that it names is not there.</exception>
    public static ChosenDevice Choose(string option)
    {
        ThreadWaiting.Sleep();
        set_num_threads(Environment.ProcessorCount);
        switch (option.ToLowerInvariant())
        {
            case "cpu":
                return new ChosenDevice(CPU, "");
            case "auto":
                return cuda.is_available()
                    ? new ChosenDevice(CUDA, "CUDA is available")
                    : new ChosenDevice(CPU, "no CUDA device, or a build without CUDA (RA_BACKEND=cuda ./ra makes one)");
            case "cuda":
                return Cuda(0);
            case string named when named.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(named.AsSpan(5), out int index) && index >= 0:
                return Cuda(index);
            default:
                throw new ProblemException(ProblemKind.Setting, $"The device is '{option}'; expected auto, cpu, cuda or cuda:N.");
        }
    }

    private static ChosenDevice Cuda(int index)
    {
        int count = cuda.is_available() ? cuda.device_count() : 0;
        return index < count
            ? new ChosenDevice(device(DeviceType.CUDA, index), "")
            : throw new ProblemException(ProblemKind.Environment,
                $"The device cuda:{index} was asked for, but libtorch sees {count} CUDA devices. Run RA_BACKEND=cuda ./ra, or build with -p:TorchBackend=cuda, on a machine with an NVIDIA driver, or use --device cpu.");
    }
}
