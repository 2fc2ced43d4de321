using System.Globalization;
using System.Text;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// How close a generated answer is to the accepted ones, as SQuAD measures it (Rajpurkar et al. 2016): lower case, no punctuation, no
/// English articles; the best over the accepted answers counts. Ideographs and kana are words of their own, because such scripts
/// put no spaces between words.
/// </summary>
public static class AnswerMetrics
{
    private static readonly HashSet<string> Articles = ["a", "an", "the"];

    /// <summary>1 when the answer has the words of an accepted one, otherwise 0.</summary>
    /// <exception cref="ArgumentException">There is no accepted answer.</exception>
    public static double ExactMatch(string answer, IReadOnlyList<string> accepted)
    {
        IReadOnlyList<string> words = Words(answer);
        return Best(accepted, other => words.SequenceEqual(other) ? 1 : 0);
    }

    /// <summary>Harmonic mean of precision and recall over words, each as often as it occurs; 0 to 1.</summary>
    /// <exception cref="ArgumentException">There is no accepted answer.</exception>
    public static double F1(string answer, IReadOnlyList<string> accepted)
    {
        IReadOnlyList<string> words = Words(answer);
        return Best(accepted, other => F1(words, other));
    }

    /// <summary>The words that count.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var spaced = new StringBuilder(text.Length);
        foreach (Rune rune in text.Normalize(NormalizationForm.FormKC).ToLowerInvariant().EnumerateRunes())
        {
            if (IsPunctuation(rune)) continue;
            if (IsWordOfItsOwn(rune)) spaced.Append(' ').Append(rune).Append(' ');
            else spaced.Append(rune);
        }
        return [.. spaced.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => !Articles.Contains(word))];
    }

    private static double Best(IReadOnlyList<string> accepted, Func<IReadOnlyList<string>, double> measure)
    {
        if (accepted.Count == 0) throw new ArgumentException("An answer is measured against at least one accepted answer.", nameof(accepted));
        return accepted.Max(answer => measure(Words(answer)));
    }

    private static double F1(IReadOnlyList<string> answer, IReadOnlyList<string> accepted)
    {
        if (answer.Count == 0 || accepted.Count == 0) return answer.Count == accepted.Count ? 1 : 0;
        Dictionary<string, int> left = accepted.CountBy(word => word).ToDictionary(StringComparer.Ordinal);
        int common = answer.Count(word => left.TryGetValue(word, out int count) && --left[word] >= 0);
        return 2.0 * common / (answer.Count + accepted.Count);
    }

    private static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol;

    private static bool IsWordOfItsOwn(Rune rune) => rune.Value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF);
}
