using RetrievalAttention.Documents;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// The part of a document that a question names by its title. Such a question searches there first, and the title's tokens do not ask:
/// attention would be drawn to the heading itself (design section 2).
/// </summary>
/// <param name="Titles">Characters of the question that are a title of a section or of a document.</param>
/// <param name="Ranges">Ranges of the document's text that the question is about.</param>
/// <param name="IsNamed">The question names a part, of this document or of one beside it; otherwise it is about everything.</param>
public sealed record QuestionScope(IReadOnlyList<TextRange> Titles, IReadOnlyList<TextRange> Ranges, bool IsNamed)
{
    /// <summary>The longest titles of sections win (<see cref="NamedParts"/>); a section's scope takes in the sections under it.</summary>
    public static QuestionScope Of(string question, Document document) => OfEach(question, [document])[0];

    /// <summary>The same for documents that are searched together, of which the question may also name one.</summary>
    public static IReadOnlyList<QuestionScope> OfEach(string question, IReadOnlyList<Document> documents)
    {
        NamedParts named = NamedParts.Of(question, [.. documents.Index().SelectMany(numbered => TitlesOf(numbered.Item, numbered.Index))]);
        TextRange[] titles = [.. named.Mentions.Select(mention => mention.Range)];
        TextRange[][] ranges = [.. documents.Select((document, number) => RangesOf(document, number, named, among: documents.Count))];
        bool isNamed = ranges.Any(parts => parts.Length > 0);
        return [.. ranges.Select(parts => new QuestionScope(titles, parts, isNamed))];
    }

    /// <summary>Whether a range of the document lies in the scope, at least by half; everything does when nothing is named.</summary>
    public bool Holds(TextRange range) =>
        !IsNamed || (Ranges.Count > 0 && 2 * Ranges.Sum(part => Math.Max(0, Math.Min(part.End, range.End) - Math.Max(part.Start, range.Start))) >= range.Length);

    private static IEnumerable<NamedTitle> TitlesOf(Document document, int number) =>
        document.Sections.SelectMany(section => section.HeadingPath).Select(title => new NamedTitle(number, title, OfBook: false)).Append(new NamedTitle(number, document.Title, OfBook: true));

    private static TextRange[] RangesOf(Document document, int number, NamedParts named, int among) => among > 1 && named.NamesAllOf(number)
        ? [new TextRange(0, document.Text.Length)]
        : [.. document.Sections.Where(section => named.Names(number, section.HeadingPath)).Select(section => new TextRange(section.Start, section.End))];
}
