using RetrievalAttention.Answering.Prose;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>How much of what a sentence says is understood without its neighbours.</summary>
internal static class Independence
{
    /// <summary>A sentence of fewer words is rather a remark.</summary>
    private const int FewWords = 10;

    private const string Closers = "\"”“»’'";

    /// <summary>Words that begin a sentence by pointing back. English only: in other languages nothing is held against the first word.</summary>
    private static readonly HashSet<string> PointingBack =
    [
        "he", "she", "it", "they", "him", "her", "them", "his", "their", "this", "that", "these", "those", "but", "and", "so", "or", "then", "yes", "no", "oh", "ah", "nor",
        "such", "here", "there", "for", "which", "however", "therefore", "thus", "well", "why",
    ];

    /// <summary>1 for a statement that stands alone, less for each sign of a fragment: 0 at the least.</summary>
    /// <param name="speech">Share of it that stands in quotation marks, 0 to 1.</param>
    public static double Of(string text, double speech, string? language)
    {
        ProseWords.Word[] words = [.. ProseWords.Of(text).Take(FewWords)];
        if (words.Length == 0) return 0;
        double lost = .4 * speech;
        string first = text[words[0].Start..words[0].End].ToLowerInvariant();
        if (words.Length < FewWords) lost += .3;
        if (!EndsAsStatement(text)) lost += .5;
        if (InBrackets(text) >= .5) lost += .4;
        if (char.IsLower(text[words[0].Start])) lost += .2;
        if (language is null or "en" && (PointingBack.Contains(first) || first.IndexOfAny(['\'', '’']) > 0)) lost += .2;
        return Math.Max(0, 1 - lost);
    }

    /// <summary>Share of the letters that stand in quotation marks, 0 to 1.</summary>
    /// <param name="open">A quotation was open where the sentence begins; tells whether one is open where it ends.</param>
    public static double SpeechShare(string text, ref bool open)
    {
        int inside = 0, letters = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool afterWord = i > 0 && !char.IsWhiteSpace(text[i - 1]);
            if (text[i] is '"') open = !open;
            else if (text[i] is '“' or '„' or '«' or '‘' || text[i] is '\'' && !afterWord) open = true;
            else if (text[i] is '”' or '»' || text[i] is '\'' or '’' && afterWord && !char.IsLetterOrDigit(text[i - 1])) open = false;
            else if (char.IsLetterOrDigit(text[i]))
            {
                letters++;
                if (open) inside++;
            }
        }
        return letters == 0 ? 0 : (double)inside / letters;
    }

    /// <summary>Share of the letters that stand in brackets, as stage directions do; of a text that closes none all behind the first.</summary>
    private static double InBrackets(string text)
    {
        int inside = 0, letters = 0, depth = 0;
        foreach (char c in text)
        {
            if (c is '[' or '(') depth++;
            else if (c is ']' or ')') depth = Math.Max(0, depth - 1);
            else if (char.IsLetter(c))
            {
                letters++;
                if (depth > 0) inside++;
            }
        }
        return letters == 0 ? 0 : (double)inside / letters;
    }

    private static bool EndsAsStatement(string text)
    {
        ReadOnlySpan<char> bare = text.AsSpan().TrimEnd(Closers + ")]_* ");
        return bare.Length > 0 && bare[^1] is '.' or '。' or '．' or '।' or '۔' or '!' or '！' or '…';
    }
}
