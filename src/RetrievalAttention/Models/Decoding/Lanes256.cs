using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Models.Decoding;

internal readonly unsafe struct Lanes256(Vector256<float> first, Vector256<float> second) : ILanes<Lanes256>
{
    private readonly Vector256<float> _first = first;
    private readonly Vector256<float> _second = second;

    public static Lanes256 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero, Vector256<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddProducts(Vector128<sbyte> q, float* x, Lanes256 sums) => new(
        Fma.MultiplyAdd(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(q)), Vector256.Load(x), sums._first),
        Fma.MultiplyAdd(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(q, 8))), Vector256.Load(x + 8), sums._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 NibbleProducts(byte* packed, int zero, float* x)
    {
        Vector128<byte> both = Vector128.Load(packed), mask = Vector128.Create((byte)0x0F);
        Vector128<sbyte> zeros = Vector128.Create((sbyte)zero);
        Vector128<sbyte> low = (both & mask).AsSByte() + zeros, high = ((both.AsUInt16() >>> 4).AsByte() & mask).AsSByte() + zeros;
        return AddProducts(high, x + 16, AddProducts(low, x, Zero));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddScaled(Lanes256 part, Vector128<float> scale, Lanes256 sums)
    {
        Vector256<float> scales = Avx2.BroadcastScalarToVector256(scale);
        return new(Fma.MultiplyAdd(part._first, scales, sums._first), Fma.MultiplyAdd(part._second, scales, sums._second));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 sums) => Vector256.Sum(sums._first + sums._second);
}
