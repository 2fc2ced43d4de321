using System.Runtime.Intrinsics.X86;

namespace RetrievalAttention.Models.Decoding;

/// <summary>What the kernels are written with. Results differ only by the order of sums.</summary>
internal enum InstructionLevel
{
    /// <summary>Every processor: rows are dequantised one at a time and multiplied with System.Numerics.Tensors.</summary>
    Portable,

    /// <summary>AVX2 and FMA.</summary>
    Avx2,

    /// <summary>AVX-512 F.</summary>
    Avx512,
}

internal static class InstructionLevels
{
    public static InstructionLevel Best { get; } =
        Avx512F.IsSupported ? InstructionLevel.Avx512 : Avx2.IsSupported && Fma.IsSupported ? InstructionLevel.Avx2 : InstructionLevel.Portable;

    /// <summary>Those that this processor can run.</summary>
    public static IEnumerable<InstructionLevel> Available => Enum.GetValues<InstructionLevel>().Where(level => level <= Best);
}
