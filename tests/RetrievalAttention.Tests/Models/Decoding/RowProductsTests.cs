using RetrievalAttention.Models;
using RetrievalAttention.Models.Decoding;

namespace RetrievalAttention.Tests.Models.Decoding;

public class RowProductsTests
{
    private const int Rows = 37;

    public static TheoryData<WeightType> NativeTypes => [.. Enum.GetValues<WeightType>().Where(RowProductsOf.IsNative)];

    [Theory]
    [MemberData(nameof(NativeTypes))]
    public void EveryInstructionLevelEqualsAPlainLoopOverTheDequantisedRow(WeightType type)
    {
        int examined = 0;
        foreach (int columns in (int[])[256, 512, 1536])
        {
            byte[] stored = DequantizerTests.RandomBlocks(type, Rows * columns / type.BlockLength(), new Random(7 + columns));
            float[] weights = PlainDequantizer.Dequantize(type, stored);
            float[] x = RandomNumbers(columns, new Random(columns));
            foreach (InstructionLevel level in InstructionLevels.Available)
            {
                float[] y = Multiply(type, level, stored, columns, order: null, x);
                for (int row = 0; row < Rows; row++) examined += AssertEqual(weights.AsSpan(row * columns, columns), x, y[row], $"{type} {level} row {row}");
            }
        }
        Assert.Equal(3 * Rows * InstructionLevels.Available.Count(), examined);
    }

    [Theory]
    [InlineData(WeightType.Q4_0)]
    [InlineData(WeightType.Q4_1)]
    [InlineData(WeightType.Q8_0)]
    public void GroupsOf32NeedNoMultipleOf256(WeightType type)
    {
        int examined = 0;
        foreach (int columns in (int[])[32, 64, 96, 576])
        {
            byte[] stored = DequantizerTests.RandomBlocks(type, Rows * columns / 32, new Random(11 + columns));
            float[] weights = PlainDequantizer.Dequantize(type, stored), x = RandomNumbers(columns, new Random(columns));
            foreach (InstructionLevel level in InstructionLevels.Available)
            {
                float[] y = Multiply(type, level, stored, columns, order: null, x);
                for (int row = 0; row < Rows; row++) examined += AssertEqual(weights.AsSpan(row * columns, columns), x, y[row], $"{type} {level} row {row}");
            }
        }
        Assert.Equal(4 * Rows * InstructionLevels.Available.Count(), examined);
    }

    [Fact]
    public void RowsAreTakenInTheGivenOrder()
    {
        const int Columns = 64;
        byte[] stored = DequantizerTests.RandomBlocks(WeightType.Q8_0, Rows * Columns / 32, new Random(2));
        float[] x = RandomNumbers(Columns, new Random(3));
        int[] order = [.. Enumerable.Range(0, Rows).Reverse()];
        foreach (InstructionLevel level in InstructionLevels.Available)
        {
            float[] straight = Multiply(WeightType.Q8_0, level, stored, Columns, order: null, x);
            Assert.Equal(straight.Reverse(), Multiply(WeightType.Q8_0, level, stored, Columns, order, x));
        }
    }

    [Fact]
    public void EveryFiniteHalfIsReadExactly()
    {
        if (InstructionLevels.Best == InstructionLevel.Portable) Assert.Skip("this processor has no AVX2");
        int examined = 0;
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (!Half.IsFinite(half)) continue;
            Assert.Equal((float)half, LoadFirst(half));
            examined++;
        }
        Assert.Equal(65536 - 2 * 1024, examined);
    }

    [Fact]
    public void WritingAsQ8LosesAtMostHalfAStep()
    {
        var random = new Random(5);
        int examined = 0;
        foreach (float size in (float[])[1e-4f, 0.02f, 1, 300])
        {
            float[] numbers = [.. RandomNumbers(320, random).Select(x => x * size)];
            byte[] stored = new byte[10 * 34];
            Q8Quantizer.Quantise(numbers, stored);
            float[] back = PlainDequantizer.Dequantize(WeightType.Q8_0, stored);
            for (int i = 0; i < numbers.Length; i++)
            {
                float largest = numbers.Skip(i / 32 * 32).Take(32).Max(Math.Abs);
                // Half a step, and what a scale below the normal range of float16 may fall short of the largest number.
                Assert.True(Math.Abs(numbers[i] - back[i]) <= 0.5f * largest / 127 * 1.01f + 127 * 6e-8f, $"{numbers[i]} became {back[i]}");
                examined++;
            }
        }
        Assert.Equal(1280, examined);
    }

    [Fact]
    public void AGroupOfZerosStaysZero()
    {
        byte[] stored = new byte[34];
        Q8Quantizer.Quantise(new float[32], stored);
        Assert.All(PlainDequantizer.Dequantize(WeightType.Q8_0, stored), number => Assert.Equal(0f, number));
    }

    private static unsafe float LoadFirst(Half half)
    {
        Half* halves = stackalloc Half[4];
        halves[0] = half;
        return StoredScale.Load4((byte*)halves)[0];
    }

    private static unsafe float[] Multiply(WeightType type, InstructionLevel level, byte[] stored, int columns, int[]? order, float[] x)
    {
        Activation activation = new(columns);
        x.CopyTo(activation.Values);
        activation.SumGroups();
        float[] y = new float[Rows];
        fixed (byte* start = stored)
        fixed (float* to = y)
        {
            StoredRows rows = new(start, stored.Length / Rows, order, columns);
            // In two pieces, as two threads would.
            RowProducts products = RowProductsOf.Format(type, level);
            products(rows, activation.Start, activation.GroupSums, to, 0, 20);
            products(rows, activation.Start, activation.GroupSums, to, 20, Rows - 20);
        }
        return y;
    }

    /// <summary>Equal up to float32 sums: 1e-6 of the sum of magnitudes.</summary>
    private static int AssertEqual(ReadOnlySpan<float> weights, float[] x, float found, string where)
    {
        double exact = 0, magnitude = 0;
        for (int i = 0; i < x.Length; i++)
        {
            exact += (double)weights[i] * x[i];
            magnitude += Math.Abs((double)weights[i] * x[i]);
        }
        Assert.True(Math.Abs(exact - found) <= 1e-6 * magnitude, $"{where}: {found} instead of {exact}");
        return 1;
    }

    private static float[] RandomNumbers(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
}
