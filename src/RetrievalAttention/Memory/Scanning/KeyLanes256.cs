using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Memory.Scanning;

internal readonly unsafe struct KeyLanes256(Vector256<float> x) : IKeyLanes<KeyLanes256>
{
    private readonly Vector256<float> _x = x;

    public static int Width => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 All(float x) => new(Vector256.Create(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 LoadCodes(sbyte* from) => new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(KeyLanes256 x, float* to) => x._x.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 Add(KeyLanes256 a, KeyLanes256 b) => new(a._x + b._x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 Multiply(KeyLanes256 a, KeyLanes256 b) => new(a._x * b._x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 MultiplyAdd(KeyLanes256 a, KeyLanes256 b, KeyLanes256 c) => new(Vector256.FusedMultiplyAdd(a._x, b._x, c._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 Max(KeyLanes256 a, KeyLanes256 b) => new(Vector256.MaxNative(a._x, b._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 Round(KeyLanes256 x) => new(Vector256.Round(x._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes256 PowerOfTwo(KeyLanes256 x) => new(((Vector256.ConvertToInt32Native(x._x) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(KeyLanes256 x)
    {
        Vector128<float> quarter = Vector128.MaxNative(x._x.GetLower(), x._x.GetUpper());
        quarter = Vector128.MaxNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(KeyLanes256 x) => Vector256.Sum(x._x);
}
