namespace RetrievalAttention.Answering.Prose;

/// <summary>Names word by word.</summary>
public static class NameWords
{
    /// <summary>Words of a text, without possessive endings.</summary>
    public static IEnumerable<string> Of(string text) => ProseWords.Of(text).Select(word => Bare(text[word.Start..word.End]));

    internal static string Bare(string word) =>
        word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("’s", StringComparison.Ordinal) ? word[..^2] : word;
}
