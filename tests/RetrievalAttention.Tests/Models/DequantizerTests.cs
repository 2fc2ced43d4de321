using System.Buffers.Binary;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Models;

public class DequantizerTests
{
    private const int Blocks = 64;

    public static TheoryData<WeightType> Types => [.. Enum.GetValues<WeightType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeEqualsThePlainLoopOfItsFormat(WeightType type)
    {
        byte[] source = RandomBlocks(type, Blocks, new Random(17 + (int)type));
        var fast = new float[Blocks * type.BlockLength()];

        Dequantizer.Dequantize(type, source, fast);

        float[] plain = PlainDequantizer.Dequantize(type, source);
        Assert.Equal(plain.Length, fast.Length);
        int different = 0;
        for (int i = 0; i < plain.Length; i++)
        {
            if (plain[i] != fast[i])
                different++;
        }

        Assert.True(plain.Distinct().Count() >= Blocks / 2, "The blocks should hold many different numbers.");
        Assert.True(different == 0, $"{different} of {plain.Length} numbers differ.");
    }

    [Fact]
    public void AnOddNumberOfBFloat16IsReadToTheLast()
    {
        byte[] source = RandomBlocks(WeightType.BF16, 13, new Random(3));
        var fast = new float[13];
        Dequantizer.Dequantize(WeightType.BF16, source, fast);
        Assert.Equal(PlainDequantizer.Dequantize(WeightType.BF16, source), fast);
    }

    [Fact]
    public void APartOfABlockIsRefused() =>
        Assert.Throws<ArgumentException>(() => Dequantizer.Dequantize(WeightType.Q4_1, new byte[30], new float[32]));

    /// <summary>Random bytes, with scales that are ordinary numbers (random bits would often be NaN).</summary>
    internal static byte[] RandomBlocks(WeightType type, int blocks, Random random)
    {
        var bytes = new byte[blocks * type.BlockBytes()];
        random.NextBytes(bytes);
        for (int block = 0; block < blocks; block++)
        {
            Span<byte> one = bytes.AsSpan(block * type.BlockBytes(), type.BlockBytes());
            switch (type)
            {
                case WeightType.F32:
                    BinaryPrimitives.WriteSingleLittleEndian(one, random.NextSingle() - 0.5f);
                    break;
                case WeightType.BF16:
                    BinaryPrimitives.WriteUInt16LittleEndian(one, (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16));
                    break;
                case WeightType.Q6_K:
                    BinaryPrimitives.WriteHalfLittleEndian(one[208..], (Half)(random.NextSingle() - 0.5f));
                    break;
                case WeightType.Q4_1 or WeightType.Q5_1 or WeightType.Q4_K or WeightType.Q5_K:
                    BinaryPrimitives.WriteHalfLittleEndian(one, (Half)(random.NextSingle() - 0.5f));
                    BinaryPrimitives.WriteHalfLittleEndian(one[2..], (Half)(random.NextSingle() - 0.5f));
                    break;
                default:
                    BinaryPrimitives.WriteHalfLittleEndian(one, (Half)(random.NextSingle() - 0.5f));
                    break;
            }
        }

        return bytes;
    }
}
