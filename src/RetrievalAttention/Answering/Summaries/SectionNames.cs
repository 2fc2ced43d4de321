using RetrievalAttention.Documents;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>Finds the sections that a person names by a heading or a part of it.</summary>
public static class SectionNames
{
    private const int Listed = 12;

    /// <summary>Indices of the section and of all below it. A whole heading wins over the beginning of one, and that over any part; case and marks do not matter.</summary>
    /// <exception cref="ProblemException">None or several match; the message lists them.</exception>
    public static IReadOnlyList<int> Find(Document document, string name)
    {
        string wanted = Plain(name);
        string[] paths = [.. document.Sections.SelectMany(section => Enumerable.Range(1, section.HeadingPath.Count).Select(depth => Path(section, depth))).Distinct()];
        if (paths.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"'{document.Title}' has no chapters, so there is no '{name}' in it. Leave --section out.");

        string[] found = wanted.Length == 0 ? [] : [.. paths.Where(path => Last(path) == wanted || Plain(path) == wanted)];
        if (found.Length == 0 && wanted.Length > 0) found = [.. paths.Where(path => $"{Last(path)} ".StartsWith($"{wanted} ", StringComparison.Ordinal))];
        if (found.Length == 0 && wanted.Length > 0) found = [.. paths.Where(path => $" {Last(path)} ".Contains($" {wanted} ", StringComparison.Ordinal))];
        if (found.Length == 1)
        {
            return [.. Enumerable.Range(0, document.Sections.Count)
                .Where(i => Enumerable.Range(1, document.Sections[i].HeadingPath.Count).Any(depth => Path(document.Sections[i], depth) == found[0]))];
        }
        throw new ProblemException(ProblemKind.NotFound, found.Length == 0
            ? $"'{document.Title}' has no section '{name}'. It has: {List(paths)}."
            : $"'{name}' can mean {found.Length} sections of '{document.Title}': {List(found)}. Give the whole heading.");
    }

    private static string Path(Section section, int depth) => string.Join(" › ", section.HeadingPath.Take(depth));

    private static string Last(string path) => Plain(path.Split(" › ")[^1]);

    private static string Plain(string text) =>
        string.Join(' ', SummaryWords.Of(text).Select(word => text[word.Start..word.End].ToLowerInvariant()));

    private static string List(string[] paths) =>
        string.Join(", ", paths.Take(Listed).Select(path => $"'{path}'")) + (paths.Length > Listed ? $" and {paths.Length - Listed} more" : "");
}
