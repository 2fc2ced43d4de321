namespace RetrievalAttention.Models;

internal static class WeightBytes
{
    private const long MostNumbers = 1L << 44;

    /// <summary>Bytes that a tensor takes in a file; -1 for a shape that no file can hold (a dimension of zero or below, too many numbers).</summary>
    public static long Of(WeightType type, IReadOnlyList<long> shape)
    {
        long numbers = 1;
        foreach (long dimension in shape)
        {
            if (dimension is < 1 or > MostNumbers || numbers > MostNumbers / dimension)
                return -1;
            numbers *= dimension;
        }

        return numbers / type.BlockLength() * type.BlockBytes();
    }
}
