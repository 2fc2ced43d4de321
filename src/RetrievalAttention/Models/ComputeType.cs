using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Models;

/// <summary>Chooses the number type of matrix products by measuring: bfloat16 is three times faster on some processors and a hundred times slower on others.</summary>
public static class ComputeType
{
    /// <summary>How much faster bfloat16 must be to be worth its rounding.</summary>
    private const double WorthIt = 1.2;

    /// <summary>Below this hidden size a product takes microseconds: what is measured is the load of the machine, and two readings could differ by it.</summary>
    private const int SmallestMeasured = 256;

    /// <summary>"float32" or "bfloat16"; null for any other name.</summary>
    public static ScalarType? Named(string? name) => name switch
    {
        "float32" => float32,
        "bfloat16" => bfloat16,
        _ => null,
    };

    public static string Name(ScalarType type) => type.ToString().ToLowerInvariant();

    /// <summary>bfloat16 where a product of a reading step's size is clearly faster in it than in float32, on this device, now.</summary>
    public static ScalarType FastestForReading(Device device, int hiddenSize)
    {
        if (hiddenSize < SmallestMeasured) return float32;
        TimeSpan narrow = Time(device, bfloat16, hiddenSize, stopAfter: TimeSpan.MaxValue);
        return Time(device, float32, hiddenSize, stopAfter: narrow * WorthIt * 2) > narrow * WorthIt ? bfloat16 : float32;
    }

    /// <summary>Best of three products [256, E] × [E, 2E], after one to warm up.</summary>
    private static TimeSpan Time(Device device, ScalarType type, int hiddenSize, TimeSpan stopAfter)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor x = ones([256, hiddenSize], type, device), weight = ones([2 * hiddenSize, hiddenSize], type, device);
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long start = Stopwatch.GetTimestamp();
            // Reading one number back waits for the device.
            nn.functional.linear(x, weight)[0, 0].to(float32).item<float>();
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            if (i > 0 && taken < best) best = taken;
            if (i > 0 && taken > stopAfter) break;
        }
        return best;
    }
}
