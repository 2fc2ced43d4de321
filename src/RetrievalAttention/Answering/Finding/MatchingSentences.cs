using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>Which sentences of a passage a query hits.</summary>
public static class MatchingSentences
{
    /// <summary>Letters that two words must share from the start to count as forms of one word: "captain", "captains".</summary>
    private const int Stem = 5;

    /// <summary>Sentences that have words of the query other than stop words; most of them first, at most so many.</summary>
    /// <param name="language">BCP 47 code; null for English.</param>
    public static IReadOnlyList<string> Of(string passage, string query, string? language, int most)
    {
        HashSet<string> wanted = [.. TextWords.Of(query).Select(word => word.Text).Where(word => !StopWords.Contains(word)).Select(StemOf)];
        return
        [
            .. Sentences.Split(passage, language)
                .Select(sentence => (Text: passage[sentence.Start..sentence.End], Hits: TextWords.Of(passage, sentence.Start, sentence.End).Select(word => StemOf(word.Text)).Where(wanted.Contains).Distinct().Count()))
                .Where(sentence => sentence.Hits > 0)
                .OrderByDescending(sentence => sentence.Hits)
                .Take(most)
                .Select(sentence => sentence.Text),
        ];
    }

    private static string StemOf(string word) => word.Length > Stem ? word[..Stem] : word;
}
