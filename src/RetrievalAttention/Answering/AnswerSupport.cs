using System.Globalization;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Answering;

/// <summary>Whether a document holds what an answer says. A small model cannot be asked to judge itself, so what it wrote is compared with what it read.</summary>
/// <param name="Gain">Mean gain in log-probability per token of the answer over the same answer without the document, in nats.</param>
/// <param name="Missing">Names and numbers of the answer that stand neither in the question nor in what was attended to.</param>
/// <param name="SharesWords">Of its words that the question does not have, some were read; where it has none of its own, half of them. One of whose words none was read was made up.</param>
public sealed record AnswerSupport(double Gain, IReadOnlyList<string> Missing, bool SharesWords)
{
    /// <summary>"Yes" and its like say nothing that could be looked up.</summary>
    private const int ShortestWord = 4;

    /// <summary>The document made the answer likelier, and the answer names nothing that is not there.</summary>
    public bool IsSupported => Gain > 0 && Missing.Count == 0 && SharesWords;

    /// <param name="read">Texts that were attended to.</param>
    public static AnswerSupport Of(double gain, string answer, string question, IReadOnlyList<string> read)
    {
        HashSet<string> readWords = [.. read.SelectMany(ProseWords.Content)], known = [.. readWords, .. ProseWords.Content(question)];
        // "4 pounds" of "four pounds".
        known.UnionWith([.. known.Select(word => Numeral.Parse(word)).OfType<int>().Select(number => number.ToString(CultureInfo.InvariantCulture))]);
        string[] missing = [.. ProseFacts.Of(answer).Where(fact => !ProseWords.Content(fact).All(known.Contains)).Distinct()];
        string[] said = [.. ProseWords.Content(answer).Distinct().Where(word => word.Length >= ShortestWord)], own = [.. said.Except(ProseWords.Content(question))];
        return new AnswerSupport(gain, missing, own.Length > 0 ? own.Any(readWords.Contains) : 2 * said.Count(readWords.Contains) >= said.Length);
    }
}
