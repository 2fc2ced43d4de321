using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Models.Decoding;

internal static unsafe class StoredScale
{
    /// <summary>
    /// Four float16 as float32; exact for every finite number. .NET offers no instruction for it, so the exponent is moved in place and its bias set right
    /// by a product, which also makes subnormal numbers right.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load4(byte* halves)
    {
        Vector128<int> wide = Sse41.ConvertToVector128Int32((short*)halves);
        Vector128<int> bits = (wide << 13) & Vector128.Create(unchecked((int)0x8FFFE000));
        return bits.AsSingle() * Vector128.Create(5.192296858534828e33f);
    }
}
