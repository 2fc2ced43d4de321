using RetrievalAttention.Documents;

namespace RetrievalAttention.Passages;

/// <summary>Splits a document into passages of about the target length.</summary>
public static class PassageSplitter
{
    /// <summary>
    /// Promise: every non-blank character of the document belongs to exactly one passage; passages are in document order; none crosses a
    /// section; each ends at a sentence end (or a line end of verse, tables and code), unless one sentence alone exceeds the maximum; a
    /// heading stays with what follows it. The same document, counter and options give the same passages.
    /// </summary>
    /// <param name="countTokens">Tokens of a text in the embedder, without special tokens.</param>
    /// <exception cref="ProblemException">The options are outside their ranges.</exception>
    public static IReadOnlyList<Passage> Split(Document document, Func<string, int> countTokens, PassageOptions options)
    {
        options.Validate();
        var reading = new DocumentText(document);
        var units = new TextUnits(document, countTokens, options.MaximumTokens);
        var passages = new List<Passage>();
        for (int section = 0; section < document.Sections.Count; section++)
        {
            IReadOnlyList<TextUnit> sectionUnits = units.Of(document.Sections[section]);
            string headings = HeadingLine(document.Sections[section].HeadingPath, countTokens, options.HeadingTokens);
            foreach (Range packed in PassagePacking.Pack(sectionUnits, options.TargetTokens, options.MaximumTokens))
                passages.Add(Create(reading, passages.Count, section, sectionUnits, packed, headings));
        }
        return passages;
    }

    private static Passage Create(DocumentText reading, int index, int section, IReadOnlyList<TextUnit> units, Range packed, string headings)
    {
        int start = units[packed.Start.Value].Start;
        int end = units[packed.End.Value - 1].End;
        int tokens = 0;
        for (int unit = packed.Start.Value; unit < packed.End.Value; unit++) tokens += units[unit].Tokens;
        string text = reading.ReadingText(start, end);
        return new Passage(index, section, start, end, text, headings.Length == 0 ? text : $"{headings}\n{text}", tokens);
    }

    /// <summary>As many of the innermost headings as fit.</summary>
    private static string HeadingLine(IReadOnlyList<string> headingPath, Func<string, int> countTokens, int maximumTokens)
    {
        for (int outermost = 0; outermost < headingPath.Count; outermost++)
        {
            string line = string.Join(" › ", headingPath.Skip(outermost));
            if (countTokens(line) <= maximumTokens) return line;
        }
        return "";
    }
}
