namespace RetrievalAttention.Models;

/// <summary>How the numbers of a stored tensor are written; the values are those of GGUF.</summary>
public enum WeightType
{
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    BF16 = 30,
}

public static class WeightTypes
{
    /// <summary>The types that can be read, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Enum.GetNames<WeightType>());

    /// <summary>Numbers that are stored together; the columns of a tensor are a multiple of it.</summary>
    public static int BlockLength(this WeightType type) => type switch
    {
        WeightType.F32 or WeightType.F16 or WeightType.BF16 => 1,
        WeightType.Q4_0 or WeightType.Q4_1 or WeightType.Q5_0 or WeightType.Q5_1 or WeightType.Q8_0 => 32,
        WeightType.Q4_K or WeightType.Q5_K or WeightType.Q6_K => 256,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(this WeightType type) => type switch
    {
        WeightType.F32 => 4,
        WeightType.F16 or WeightType.BF16 => 2,
        WeightType.Q4_0 => 2 + 16,
        WeightType.Q4_1 => 2 + 2 + 16,
        WeightType.Q5_0 => 2 + 4 + 16,
        WeightType.Q5_1 => 2 + 2 + 4 + 16,
        WeightType.Q8_0 => 2 + 32,
        WeightType.Q4_K => 2 + 2 + 12 + 128,
        WeightType.Q5_K => 2 + 2 + 12 + 32 + 128,
        WeightType.Q6_K => 128 + 64 + 16 + 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
