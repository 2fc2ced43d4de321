using RetrievalAttention.Documents;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// The part of a document that a question names by its title. Such a question searches there first, and the title's tokens do not ask:
/// attention would be drawn to the heading itself (design section 2).
/// </summary>
/// <param name="Titles">Characters of the question that are a title of a section or of the document.</param>
/// <param name="Ranges">Ranges of the document's text that the question is about; empty for all of it.</param>
public sealed record QuestionScope(IReadOnlyList<TextRange> Titles, IReadOnlyList<TextRange> Ranges)
{
    /// <summary>The longest titles win; a section's scope takes in the sections under it.</summary>
    public static QuestionScope Of(string question, Document document)
    {
        IReadOnlyList<TitleMention> mentions = TitleMentions.In(question, document.Sections.SelectMany(section => section.HeadingPath).Append(document.Title));
        HashSet<string> named = TitleMentions.Longest(mentions).Select(mention => mention.Title).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new QuestionScope(
            [.. mentions.Select(mention => mention.Range)],
            [.. document.Sections.Where(section => section.HeadingPath.Any(named.Contains)).Select(section => new TextRange(section.Start, section.End))]);
    }

    /// <summary>Whether a range of the document lies in the scope, at least by half; everything does when nothing is named.</summary>
    public bool Holds(TextRange range) =>
        Ranges.Count == 0 || 2 * Ranges.Sum(part => Math.Max(0, Math.Min(part.End, range.End) - Math.Max(part.Start, range.Start))) >= range.Length;
}
