using System.Runtime.Intrinsics;

namespace RetrievalAttention.Models.Decoding;

/// <summary>Sixteen running sums in the registers of one instruction set, and the products that all formats are made of.</summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract TSelf Zero { get; }

    /// <summary>sums + q · x, for 16 numbers.</summary>
    static abstract TSelf AddProducts(Vector128<sbyte> q, float* x, TSelf sums);

    /// <summary>(q + zero) · x for 32 numbers of four bits: the low halves of 16 bytes, then the high ones. Summed by twos.</summary>
    static abstract TSelf NibbleProducts(byte* packed, int zero, float* x);

    /// <summary>sums + part · the first element of <paramref name="scale"/>.</summary>
    static abstract TSelf AddScaled(TSelf part, Vector128<float> scale, TSelf sums);

    static abstract float Sum(TSelf sums);
}
