namespace RetrievalAttention.Documents;

/// <summary>Letters of scripts that are written without blanks between words, and their punctuation.</summary>
internal static class Ideograph
{
    /// <summary>CJK ideographs, kana, and full-width or CJK punctuation.</summary>
    public static bool Is(char c) => c is >= '\u2E80' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or >= '\uFF00' and <= '\uFF65';
}
