using System.Numerics.Tensors;
using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>Writes stored numbers as float32 straight into the memory of a new tensor, on all cores.</summary>
internal static class TensorReader
{
    private const int NumbersAtOnce = 1 << 18;

    /// <returns>float32 on the CPU, of the stored shape; the caller owns it.</returns>
    /// <exception cref="ProblemException">A number is NaN or infinite.</exception>
    public static unsafe torch.Tensor Read(WeightTensor weight)
    {
        torch.Tensor tensor = torch.empty([.. weight.Shape], torch.ScalarType.Float32, torch.CPU);
        try
        {
            float* target = FirstNumber(tensor);
            int rowsAtOnce = (int)Math.Clamp(NumbersAtOnce / weight.Columns, 1, int.MaxValue);
            long chunks = (weight.Rows + rowsAtOnce - 1) / rowsAtOnce;
            var bad = new long[] { long.MaxValue };
            Parallel.For(0, chunks, chunk =>
            {
                long first = chunk * rowsAtOnce;
                int rows = (int)Math.Min(rowsAtOnce, weight.Rows - first);
                var numbers = new Span<float>(target + first * weight.Columns, checked((int)(rows * weight.Columns)));
                ReadRows(weight, first, rows, numbers);
                if (FirstNotFinite(numbers) is int index and >= 0)
                    Interlocked.Exchange(ref bad[0], first * weight.Columns + index);
            });
            if (bad[0] != long.MaxValue)
                throw NotFinite(weight, bad[0], target[bad[0]]);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Where the numbers of a contiguous float32 tensor on the CPU stand; all of them may exceed the length of a span.</summary>
    public static unsafe float* FirstNumber(torch.Tensor tensor)
    {
        using torch.Tensor flat = tensor.view(-1);
        using torch.Tensor first = flat.narrow(0, 0, 1);
        fixed (byte* start = first.bytes)
            return (float*)start;
    }

    private static void ReadRows(WeightTensor weight, long first, int rows, Span<float> target)
    {
        if (weight.Contiguous)
        {
            Dequantizer.Dequantize(weight.Type, weight.ContiguousRows(first, rows), target);
            return;
        }

        int columns = (int)weight.Columns;
        for (int row = 0; row < rows; row++)
            Dequantizer.Dequantize(weight.Type, weight.Row(first + row), target.Slice(row * columns, columns));
    }

    // MaxMagnitude gives NaN when any number is, so one fast pass answers for nearly every tensor.
    private static int FirstNotFinite(ReadOnlySpan<float> numbers)
    {
        if (float.IsFinite(TensorPrimitives.MaxMagnitude(numbers)))
            return -1;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!float.IsFinite(numbers[i]))
                return i;
        }

        return -1;
    }

    private static ProblemException NotFinite(WeightTensor weight, long index, float value)
    {
        long columns = weight.Shape.Count == 1 ? weight.Shape[0] : weight.Columns;
        string found = float.IsNaN(value) ? "NaN (not a number)" : "an infinite number";
        return new ProblemException(ProblemKind.Model, $"The model file {weight.Path} has {found} in the tensor {weight.Name} at row {index / columns}, column {index % columns}. It is damaged; fetch it again.");
    }
}
