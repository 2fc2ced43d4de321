using System.Globalization;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>Finds the sections that a person names by a heading or a part of it.</summary>
public static class SectionNames
{
    private const int Listed = 12;
    private const string Below = " › ";

    /// <summary>
    /// Indices of the section and of all below it. A whole heading wins over the beginning of one, that over any words of it, all these over a number without
    /// its word ("Chapter 5" for "V. The Sea-Chest"), and that over the beginning of a word. Case and marks do not matter, nor how a number is written: "chapter five" is "CHAPTER V".
    /// </summary>
    /// <exception cref="ProblemException">None or several match; the message lists them.</exception>
    public static IReadOnlyList<int> Find(Document document, string name)
    {
        string[] paths = [.. document.Sections.SelectMany(section => Enumerable.Range(1, section.HeadingPath.Count).Select(depth => Path(section, depth))).Distinct()];
        if (paths.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"'{document.Title}' has no sections, so there is no '{name}' in it. Leave --section out.");

        string[] found = Matching(paths, Plain(name));
        if (found.Length == 1)
        {
            return [.. Enumerable.Range(0, document.Sections.Count)
                .Where(i => Enumerable.Range(1, document.Sections[i].HeadingPath.Count).Any(depth => Path(document.Sections[i], depth) == found[0]))];
        }
        throw new ProblemException(ProblemKind.NotFound, found.Length == 0
            ? $"'{document.Title}' has no section '{name}'. It has: {List(paths)}."
            : $"'{name}' can mean {found.Length} sections of '{document.Title}': {List(found)}. Give the whole heading, or the headings above it too, as they stand here.");
    }

    private static string[] Matching(string[] paths, string wanted)
    {
        if (wanted.Length == 0) return [];
        string[] words = wanted.Split(' ');
        string withoutWord = words is [_, [>= '0' and <= '9', ..]] ? words[1] : wanted;
        Func<string, bool>[] rules =
        [
            path => Last(path) == wanted || PlainPath(path) == wanted,
            path => $"{Last(path)} ".StartsWith($"{wanted} ", StringComparison.Ordinal),
            path => $" {Last(path)} ".Contains($" {wanted} ", StringComparison.Ordinal),
            path => $"{Last(path)} ".StartsWith($"{withoutWord} ", StringComparison.Ordinal),
            // "method" for "Methodology"; but "5" is not "50".
            path => !char.IsDigit(wanted[^1]) && $" {Last(path)}".Contains($" {wanted}", StringComparison.Ordinal),
        ];
        return rules.Select(rule => paths.Where(rule).ToArray()).FirstOrDefault(found => found.Length > 0, []);
    }

    private static string Path(Section section, int depth) => string.Join(Below, section.HeadingPath.Take(depth));

    private static string Last(string path) => Plain(path.Split(Below)[^1]);

    private static string PlainPath(string path) => string.Join(' ', path.Split(Below).Select(Plain));

    /// <summary>Lower-case words; the number of a heading in figures, and the word that goes with it in one form ("CHAP. V." is "chapter 5").</summary>
    private static string Plain(string text) => string.Join(' ', text.Split('›').SelectMany(WordsOfHeading));

    private static string[] WordsOfHeading(string heading)
    {
        string[] words = [.. ProseWords.Of(heading).Select(word => heading[word.Start..word.End].ToLowerInvariant())];
        for (int i = 0; i < Math.Min(2, words.Length); i++)
        {
            if (Numeral.Parse(words[i]) is not { } number) continue;
            words[i] = number.ToString(CultureInfo.InvariantCulture);
            words[0] = i == 1 ? HeadingLine.FamilyOf(words[0]) ?? words[0] : words[0];
            break;
        }
        return words;
    }

    private static string List(string[] paths) =>
        string.Join(", ", paths.Take(Listed).Select(path => $"'{path}'")) + (paths.Length > Listed ? $" and {paths.Length - Listed} more" : "");
}
