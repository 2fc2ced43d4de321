using RetrievalAttention.Answering.Prose;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>How often the content words of a book occur in it.</summary>
public sealed class WordStatistics
{
    private readonly Dictionary<string, int> _sentences;
    private readonly int _count;

    private WordStatistics(Dictionary<string, int> sentences, int count) => (_sentences, _count) = (sentences, count);

    public static WordStatistics Of(ReadBook book) => new(
        book.Sentences.SelectMany(sentence => ProseWords.Content(sentence.Text).Distinct()).CountBy(word => word).ToDictionary(), book.Sentences.Count);

    /// <summary>Natural logarithm of sentences by sentences with the word: how much it tells.</summary>
    public double Rarity(string word) => Math.Log((1.0 + _count) / (1 + _sentences.GetValueOrDefault(word)));

    /// <summary>How much the sentence tells for its length: rarities of its words, where names and numbers count twice, by the root of its words.</summary>
    public double Detail(BookSentence sentence)
    {
        double sum = ProseWords.Content(sentence.Text).Distinct().Where(word => _sentences.GetValueOrDefault(word) > 1).Sum(Rarity)
            + ProseFacts.Of(sentence.Text).SelectMany(ProseWords.Content).Distinct().Sum(Rarity);
        return sum / Math.Sqrt(sentence.Words);
    }
}
