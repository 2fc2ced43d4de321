using RetrievalAttention.Indexing;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>A title that stands in a question.</summary>
/// <param name="Range">Characters of the question.</param>
/// <param name="Words">Length of the title in words.</param>
public sealed record TitleMention(string Title, TextRange Range, int Words);

/// <summary>Finds titles of books and sections in questions: "In the story \"The Frog Prince\", who …".</summary>
public static class TitleMentions
{
    /// <summary>
    /// A title is mentioned when its words stand in the question one after the other, and at least two of them say something, or the title
    /// is quoted. Case and punctuation do not matter.
    /// </summary>
    public static IReadOnlyList<TitleMention> In(string question, IEnumerable<string> titles)
    {
        TextWord[] asked = [.. TextWords.Of(question)];
        return [.. titles.Distinct(StringComparer.OrdinalIgnoreCase).Select(title => Find(title, question, asked)).OfType<TitleMention>()];
    }

    /// <summary>Those of the most words: "The Frog Prince" rather than "The Frog".</summary>
    public static IEnumerable<TitleMention> Longest(IReadOnlyList<TitleMention> mentions) =>
        mentions.Where(mention => mention.Words == mentions.Max(other => other.Words));

    /// <summary>The question with blanks in the place of titles; itself when little else is left.</summary>
    public static string Without(string question, IEnumerable<TextRange> titles)
    {
        char[] left = question.ToCharArray();
        foreach (TextRange title in titles) Array.Fill(left, ' ', title.Start, title.Length);
        string rest = new(left);
        return TextWords.Of(rest).Any(word => !StopWords.Contains(word.Text)) ? rest : question;
    }

    private static TitleMention? Find(string title, string question, TextWord[] asked)
    {
        string[] words = [.. TextWords.Of(title).Select(word => word.Text)];
        if (words.Length == 0) return null;
        for (int first = 0; first + words.Length <= asked.Length; first++)
        {
            if (!words.Select((word, i) => asked[first + i].Text == word).All(same => same)) continue;
            TextRange range = new(asked[first].Start, asked[first + words.Length - 1].End);
            if (words.Count(word => !StopWords.Contains(word)) >= 2 || IsQuoted(question, range)) return new TitleMention(title, range, words.Length);
        }
        return null;
    }

    private static bool IsQuoted(string question, TextRange range) =>
        range.Start > 0 && range.End < question.Length && IsQuote(question[range.Start - 1]) && IsQuote(question[range.End]);

    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '„' or '«' or '»';
}
