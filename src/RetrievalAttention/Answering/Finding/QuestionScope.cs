using RetrievalAttention.Documents;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// The part of a document that a question names by its title: "In the story \"The Frog Prince\", who …". Such a question searches there first,
/// and the title's tokens do not ask: attention would be drawn to the heading itself.
/// </summary>
/// <param name="Titles">Characters of the question that are a title of a section or of the document.</param>
/// <param name="Ranges">Ranges of the document's text that the question is about; empty for all of it.</param>
public sealed record QuestionScope(IReadOnlyList<TextRange> Titles, IReadOnlyList<TextRange> Ranges)
{
    public static QuestionScope None { get; } = new([], []);

    /// <summary>
    /// A title counts when its words stand in the question one after the other, and it has at least two words that say something or is quoted.
    /// The longest titles win; a section's scope takes in the sections under it.
    /// </summary>
    public static QuestionScope Of(string question, Document document)
    {
        TextWord[] asked = [.. TextWords.Of(question)];
        Mention[] mentions =
        [
            .. document.Sections.SelectMany(section => section.HeadingPath).Distinct(StringComparer.OrdinalIgnoreCase)
                .Append(document.Title)
                .Select(title => Find(title, question, asked))
                .OfType<Mention>(),
        ];
        if (mentions.Length == 0) return None;
        int longest = mentions.Max(mention => mention.Words);
        HashSet<string> named = mentions.Where(mention => mention.Words == longest).Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
        TextRange[] ranges = [.. document.Sections.Where(section => section.HeadingPath.Any(named.Contains)).Select(section => new TextRange(section.Start, section.End))];
        return new QuestionScope([.. mentions.Select(mention => mention.Range)], ranges);
    }

    /// <summary>Whether a range of the document lies in the scope, at least by half; everything does when nothing is named.</summary>
    public bool Holds(TextRange range) =>
        Ranges.Count == 0 || 2 * Ranges.Sum(part => Math.Max(0, Math.Min(part.End, range.End) - Math.Max(part.Start, range.Start))) >= range.Length;

    /// <summary>The question with blanks in the place of titles; itself when nothing else says anything.</summary>
    public string WithoutTitles(string question)
    {
        char[] left = question.ToCharArray();
        foreach (TextRange title in Titles) Array.Fill(left, ' ', title.Start, title.Length);
        string rest = new(left);
        return TextWords.Of(rest).Any(word => !Indexing.StopWords.Contains(word.Text)) ? rest : question;
    }

    private sealed record Mention(string Title, TextRange Range, int Words);

    private static Mention? Find(string title, string question, TextWord[] asked)
    {
        string[] words = [.. TextWords.Of(title).Select(word => word.Text)];
        if (words.Length == 0) return null;
        for (int first = 0; first + words.Length <= asked.Length; first++)
        {
            if (!words.Select((word, i) => asked[first + i].Text == word).All(same => same)) continue;
            TextRange range = new(asked[first].Start, asked[first + words.Length - 1].End);
            if (words.Count(word => !Indexing.StopWords.Contains(word)) >= 2 || IsQuoted(question, range)) return new Mention(title, range, words.Length);
        }
        return null;
    }

    private static bool IsQuoted(string question, TextRange range) =>
        range.Start > 0 && range.End < question.Length && IsQuote(question[range.Start - 1]) && IsQuote(question[range.End]);

    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '„' or '«' or '»';
}
