namespace RetrievalAttention.Indexing;

/// <summary>Keeps the best matches seen so far. Not safe to use from several threads.</summary>
internal sealed class TopMatches(int count)
{
    // The worst match kept is the first to leave.
    private readonly PriorityQueue<VectorMatch, VectorMatch> _kept = new(Comparer<VectorMatch>.Create(CompareWorstFirst));

    /// <summary>A match below this score would not be kept.</summary>
    public float Threshold => _kept.Count < count ? float.NegativeInfinity : _kept.Peek().Score;

    public void Offer(long id, float score)
    {
        var match = new VectorMatch(id, score);
        if (_kept.Count < count) _kept.Enqueue(match, match);
        else if (count > 0) _kept.EnqueueDequeue(match, match);
    }

    public void Merge(TopMatches other)
    {
        foreach ((VectorMatch match, _) in other._kept.UnorderedItems) Offer(match.Id, match.Score);
    }

    /// <summary>The best first.</summary>
    public IReadOnlyList<VectorMatch> Sorted() => [.. _kept.UnorderedItems.Select(item => item.Element).Order(Comparer<VectorMatch>.Create((a, b) => CompareWorstFirst(b, a)))];

    private static int CompareWorstFirst(VectorMatch a, VectorMatch b) =>
        a.Score != b.Score ? a.Score.CompareTo(b.Score) : b.Id.CompareTo(a.Id);
}
