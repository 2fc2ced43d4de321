namespace RetrievalAttention.Models.Decoding;

/// <summary>The scalar product of a stored row and a vector, for one format.</summary>
internal unsafe interface IRowDot
{
    /// <param name="row">Whole blocks.</param>
    /// <param name="x">[columns], float32.</param>
    /// <param name="groupSums">[columns / 32]: sums of x over each group of 32, for formats with a minimum.</param>
    static abstract float Dot(byte* row, float* x, float* groupSums, int columns);
}
