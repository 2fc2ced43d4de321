using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Models.Decoding;

internal readonly unsafe struct Lanes512(Vector512<float> sums) : ILanes<Lanes512>
{
    private readonly Vector512<float> _sums = sums;

    public static Lanes512 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddProducts(Vector128<sbyte> q, float* x, Lanes512 sums) =>
        new(Avx512F.FusedMultiplyAdd(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(q)), Vector512.Load(x), sums._sums));

    // The permutation looks at the low four bits of each index only: it is mask, conversion and offset in one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 NibbleProducts(byte* packed, int zero, float* x)
    {
        Vector512<float> numbers = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        if (zero != 0) numbers += Vector512.Create((float)zero);
        Vector512<int> wide = Avx512F.ConvertToVector512Int32(Vector128.Load(packed));
        Vector512<float> low = Avx512F.PermuteVar16x32(numbers, wide), high = Avx512F.PermuteVar16x32(numbers, wide >>> 4);
        return new(Avx512F.FusedMultiplyAdd(high, Vector512.Load(x + 16), low * Vector512.Load(x)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddScaled(Lanes512 part, Vector128<float> scale, Lanes512 sums) =>
        new(Avx512F.FusedMultiplyAdd(part._sums, Avx512F.BroadcastScalarToVector512(scale), sums._sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 sums) => Vector512.Sum(sums._sums);
}
