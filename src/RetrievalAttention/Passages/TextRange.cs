namespace RetrievalAttention.Passages;

/// <summary>A half-open range of UTF-16 code units in a text.</summary>
public readonly record struct TextRange(int Start, int End)
{
    public int Length => End - Start;
}
