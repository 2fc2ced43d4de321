namespace RetrievalAttention;

/// <summary>Some of many, from the whole length.</summary>
internal static class EvenChoice
{
    /// <summary>The middles of <paramref name="count"/> equal stretches, in order; all where there are no more.</summary>
    public static IEnumerable<T> Evenly<T>(this IReadOnlyList<T> all, int count)
    {
        int taken = Math.Min(count, all.Count);
        return Enumerable.Range(0, taken).Select(i => all[(int)((2L * i + 1) * all.Count / (2 * taken))]);
    }
}
