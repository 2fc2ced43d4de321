namespace RetrievalAttention.Evaluation;

/// <summary>
/// Translates offsets that count Unicode code points, as question files written by Python do, to offsets in a .NET string, which count
/// UTF-16 code units.
/// </summary>
public sealed class CodePointOffsets
{
    /// <summary>Code point offsets of the characters that take two code units, ascending.</summary>
    private readonly int[] _pairs;

    public CodePointOffsets(string text)
    {
        var pairs = new List<int>();
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (!char.IsSurrogatePair(text[i], text[i + 1])) continue;
            pairs.Add(i - pairs.Count);
            i++;
        }
        _pairs = [.. pairs];
        Count = text.Length - _pairs.Length;
    }

    /// <summary>Code points in the text.</summary>
    public int Count { get; }

    /// <exception cref="ArgumentOutOfRangeException">Negative or past the end of the text.</exception>
    public int ToUtf16(int codePoint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(codePoint);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(codePoint, Count);
        int at = Array.BinarySearch(_pairs, codePoint);
        return codePoint + (at < 0 ? ~at : at);
    }
}
