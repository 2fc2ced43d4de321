using RetrievalAttention.Answering.Prose;

namespace RetrievalAttention.Answering.Writing;

/// <param name="Name">A word of a name, or a number.</param>
/// <param name="InBook">It stands in the book, as a whole word.</param>
public sealed record UsedName(string Name, int Count, bool InBook);

/// <summary>Names and numbers that a text has used so far, and whether its book knows them.</summary>
/// <param name="bookText">The whole book.</param>
public sealed class NameLedger(BookNames names, string bookText)
{
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>Most frequent first.</summary>
    public IReadOnlyList<UsedName> Used =>
    [
        .. _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new UsedName(pair.Key, pair.Value, names.Words.Contains(pair.Key) || ProseFacts.Holds(bookText, pair.Key))),
    ];

    /// <summary>Counts the names and numbers of a sentence. A name that begins it is known only from the book.</summary>
    /// <returns>Those that are new.</returns>
    public IReadOnlyList<string> Add(string sentence)
    {
        List<string> added = [];
        // A salutation ends with a comma, and what follows begins a sentence all the same.
        foreach (string fact in sentence.Split("\n\n").SelectMany(FactsOf))
        {
            if (!_counts.ContainsKey(fact)) added.Add(fact);
            _counts[fact] = _counts.GetValueOrDefault(fact) + 1;
        }
        return added;
    }

    private IEnumerable<string> FactsOf(string text) =>
        ProseFacts.Of(text).Where(fact => fact is not ['I', '\'' or '’', ..]).Select(NameWords.Bare).Concat(NameWords.Of(text).Take(1).Where(names.Words.Contains));
}
