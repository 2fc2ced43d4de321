using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Memory.Scanning;

internal readonly unsafe struct KeyLanes512(Vector512<float> x) : IKeyLanes<KeyLanes512>
{
    private readonly Vector512<float> _x = x;

    public static int Width => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 All(float x) => new(Vector512.Create(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 LoadCodes(sbyte* from) => new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(KeyLanes512 x, float* to) => x._x.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 Add(KeyLanes512 a, KeyLanes512 b) => new(a._x + b._x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 Multiply(KeyLanes512 a, KeyLanes512 b) => new(a._x * b._x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 MultiplyAdd(KeyLanes512 a, KeyLanes512 b, KeyLanes512 c) => new(Vector512.FusedMultiplyAdd(a._x, b._x, c._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 Max(KeyLanes512 a, KeyLanes512 b) => new(Vector512.MaxNative(a._x, b._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 Round(KeyLanes512 x) => new(Vector512.Round(x._x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyLanes512 PowerOfTwo(KeyLanes512 x) => new(((Vector512.ConvertToInt32Native(x._x) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(KeyLanes512 x)
    {
        Vector256<float> half = Vector256.MaxNative(x._x.GetLower(), x._x.GetUpper());
        return KeyLanes256.Largest(new KeyLanes256(half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(KeyLanes512 x) => Vector512.Sum(x._x);
}
