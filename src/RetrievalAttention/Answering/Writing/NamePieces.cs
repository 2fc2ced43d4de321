using RetrievalAttention.Models;

namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// Tells whether a token begins a name or goes on with one, where it stands: the pieces of names are pieces of other words too, and free of all control there
/// they would make endless loops.
/// </summary>
public sealed class NamePieces(ITextTokenizer tokenizer)
{
    /// <summary>Tokens of the longest name.</summary>
    private const int LongestName = 12;

    private readonly HashSet<string> _beginnings = new(StringComparer.Ordinal);

    /// <summary>Words of names; a hyphen separates two.</summary>
    public void Add(IEnumerable<string> words)
    {
        foreach (string part in words.SelectMany(word => word.Split('-', '\'', '’')))
            for (int length = 1; length <= part.Length; length++) _beginnings.Add(part[..length]);
    }

    /// <param name="before">Ids of the text so far.</param>
    public bool Continues(IReadOnlyList<int> before, int next)
    {
        // The end of a character of several bytes is still to come.
        string text = tokenizer.Decode(before.Skip(before.Count - LongestName).Append(next)).TrimEnd('\uFFFD');
        int start = text.Length;
        while (start > 0 && char.IsLetterOrDigit(text[start - 1])) start--;
        return _beginnings.Contains(text[start..]);
    }
}
