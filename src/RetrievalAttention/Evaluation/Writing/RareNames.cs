using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Models;

namespace RetrievalAttention.Evaluation.Writing;

/// <summary>A word of a name where a book says it again after a long time.</summary>
/// <param name="First">Its first token.</param>
/// <param name="Last">Its last token.</param>
/// <param name="Distance">Tokens since it was said last.</param>
public sealed record RareName(string Word, int First, int Last, int Distance);

/// <summary>Finds where a book says a name that it said before, but not lately: what only a memory can help with (design section 4).</summary>
public static class RareNames
{
    /// <param name="tokens">Of the text.</param>
    /// <param name="distance">Tokens for which the name was not said; it was said before them.</param>
    public static IReadOnlyList<RareName> Find(string text, IReadOnlyList<TextToken> tokens, BookNames names, int distance)
    {
        Dictionary<string, int> said = [];
        List<RareName> rare = [];
        int token = 0;
        foreach (ProseWords.Word place in ProseWords.Of(text))
        {
            while (token + 1 < tokens.Count && tokens[token].End <= place.Start) token++;
            string word = NameWords.Bare(text[place.Start..place.End]);
            if (!names.Words.Contains(word)) continue;
            int last = token;
            while (last + 1 < tokens.Count && tokens[last + 1].Start < place.Start + word.Length) last++;
            if (said.TryGetValue(word, out int before) && token - before > distance) rare.Add(new RareName(word, token, last, token - before));
            said[word] = token;
        }
        return rare;
    }
}
