using RetrievalAttention.Answering.Finding;

namespace RetrievalAttention.Answering.Chat;

/// <summary>
/// Tells questions that cannot be understood alone: at most three words ("And then?"), or a pronoun that nothing in the question stands for ("What did he do then?").
/// A name before the pronoun does ("Who did Jim meet when he landed?"): a word with a capital that does not begin the question. Plain on purpose: it only decides what
/// is searched for, and a question too many in the search does little harm.
/// </summary>
public static class FollowUp
{
    private const int ShortQuestion = 3;

    private static readonly HashSet<string> Pronouns =
    [
        "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself", "they", "them", "their", "theirs", "themselves", "this", "these", "those", "there", "then",
    ];

    public static bool NeedsContext(string question)
    {
        TextWord[] words = [.. TextWords.Of(question)];
        if (words.Length <= ShortQuestion) return true;
        int pronoun = Array.FindIndex(words, word => Pronouns.Contains(word.Text));
        return pronoun >= 0 && !words[..pronoun].Skip(1).Any(word => char.IsUpper(question[word.Start]) && word.Text != "i");
    }
}
