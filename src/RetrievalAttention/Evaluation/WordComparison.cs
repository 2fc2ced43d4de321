using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// Compares an extracted text with a reference, word by word. Both are normalised by Unicode NFKC (ligatures become letters) and lower
/// case, soft hyphens go, and words are runs of letters, marks and digits (<c>\w+</c> without the underscore).
/// </summary>
public static partial class WordComparison
{
    /// <param name="Precision">Share of the extracted words that the reference has, each as often as there.</param>
    /// <param name="Recall">Share of the reference's words that were extracted.</param>
    /// <param name="OrderError">1 − longest common subsequence of words / words of the reference: 0 when all are there in the same order.</param>
    /// <param name="ProseF1">F1 over words of two or more letters only, without numbers, formula symbols and list marks.</param>
    public readonly record struct Result(double Precision, double Recall, double OrderError, double ProseF1)
    {
        public double F1 => HarmonicMean(Precision, Recall);
    }

    public static Result Compare(string extracted, string reference)
    {
        string[] found = Words(extracted), wanted = Words(reference);
        if (found.Length == 0 || wanted.Length == 0) return new Result(0, 0, 1, 0);
        (double precision, double recall) = Compare(found, wanted);
        (double prosePrecision, double proseRecall) = Compare(Prose(found), Prose(wanted));
        int inOrder = LongestCommonSubsequence(found, wanted);
        return new Result(precision, recall, 1 - (double)inOrder / wanted.Length, HarmonicMean(prosePrecision, proseRecall));
    }

    public static string[] Words(string text)
    {
        string normal = text.Replace("\u00AD", "").Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        return [.. Word().Matches(normal).Select(match => match.Value)];
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();

    private static string[] Prose(string[] words) => Array.FindAll(words, word => word.Length > 1 && word.All(char.IsLetter));

    private static (double Precision, double Recall) Compare(string[] found, string[] wanted)
    {
        int shared = Shared(found, wanted);
        return (found.Length == 0 ? 0 : (double)shared / found.Length, wanted.Length == 0 ? 0 : (double)shared / wanted.Length);
    }

    private static double HarmonicMean(double a, double b) => a + b == 0 ? 0 : 2 * a * b / (a + b);

    /// <summary>Words that both have, counted as often as the one that has them less often.</summary>
    private static int Shared(string[] found, string[] wanted)
    {
        var left = new Dictionary<string, int>();
        foreach (string word in wanted) CollectionsMarshal.GetValueRefOrAddDefault(left, word, out _)++;
        int shared = 0;
        foreach (string word in found)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrNullRef(left, word);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref count) || count == 0) continue;
            count--;
            shared++;
        }
        return shared;
    }

    /// <summary>
    /// Length of the longest common subsequence, 64 words at a time (H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004):
    /// V starts as ones; for every word V = (V + (V and M)) or (V and not M), M marking where the word stands in <paramref name="a"/>; the
    /// zeros of V are the length.
    /// </summary>
    public static int LongestCommonSubsequence(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        var places = new Dictionary<string, List<int>>();
        for (int i = 0; i < a.Count; i++) (CollectionsMarshal.GetValueRefOrAddDefault(places, a[i], out _) ??= []).Add(i);

        var v = new ulong[(a.Count + 63) / 64];
        var match = new ulong[v.Length];
        Array.Fill(v, ulong.MaxValue);
        foreach (string word in b)
        {
            if (!places.TryGetValue(word, out List<int>? at)) continue;
            foreach (int i in at) match[i >> 6] |= 1UL << (i & 63);
            ulong carry = 0;
            for (int k = at[0] >> 6; k < v.Length; k++)
            {
                ulong u = v[k] & match[k];
                ulong sum = v[k] + u + carry;
                carry = sum < v[k] || (carry == 1 && sum == v[k]) ? 1UL : 0;
                v[k] = sum | (v[k] & ~match[k]);
            }
            foreach (int i in at) match[i >> 6] = 0;
        }
        int length = 0;
        for (int i = 0; i < a.Count; i++)
        {
            if ((v[i >> 6] & (1UL << (i & 63))) == 0) length++;
        }
        return length;
    }
}
