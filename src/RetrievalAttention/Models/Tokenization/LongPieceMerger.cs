using System.Text;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>
/// Byte-pair merging in O(n log n), for pieces without an end: Chinese without punctuation, a line of a million dashes, SentencePiece vocabularies whose
/// tokens span words. Microsoft.ML.Tokenizers takes time that grows with the square there (110 s for a million letters).
/// Merges are taken by rank, then from left to right, from a queue whose outdated entries are skipped.
/// </summary>
internal sealed class LongPieceMerger
{
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];

    public LongPieceMerger(TokenizerDefinition definition)
    {
        _vocabulary = definition.Vocabulary;
        for (int rank = 0; rank < definition.Merges.Count; rank++)
        {
            string merge = definition.Merges[rank];
            int space = merge.IndexOf(' ', StringComparison.Ordinal);
            string left = merge[..space], right = merge[(space + 1)..];
            _merges.TryAdd((_vocabulary[left], _vocabulary[right]), (rank, _vocabulary[left + right]));
        }
    }

    /// <param name="piece">Characters that are all tokens of the vocabulary.</param>
    public IReadOnlyList<PieceToken> Merge(string piece)
    {
        var symbols = new List<Symbol>(piece.Length);
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int start = symbols.Count == 0 ? 0 : symbols[^1].End;
            symbols.Add(new Symbol(_vocabulary[rune.ToString()], start, start + rune.Utf16SequenceLength, symbols.Count - 1, symbols.Count + 1));
        }

        var queue = new PriorityQueue<(int At, int Id), (int Rank, int At)>();
        for (int at = 0; at < symbols.Count; at++)
            Offer(symbols, at, queue);
        while (queue.TryDequeue(out (int At, int Id) merge, out _))
            Take(symbols, merge.At, merge.Id, queue);
        return [.. symbols.Where(s => s.Alive).Select(s => new PieceToken(s.Id, s.Start, s.End))];
    }

    private void Offer(List<Symbol> symbols, int at, PriorityQueue<(int At, int Id), (int Rank, int At)> queue)
    {
        int next = symbols[at].Next;
        if (next < symbols.Count && _merges.TryGetValue((symbols[at].Id, symbols[next].Id), out (int Rank, int Id) merge))
            queue.Enqueue((at, merge.Id), (merge.Rank, at));
    }

    private void Take(List<Symbol> symbols, int at, int id, PriorityQueue<(int At, int Id), (int Rank, int At)> queue)
    {
        Symbol left = symbols[at];
        bool current = left.Alive && left.Next < symbols.Count
            && _merges.TryGetValue((left.Id, symbols[left.Next].Id), out (int Rank, int Id) merge) && merge.Id == id;
        if (!current)
            return;
        Symbol right = symbols[left.Next];
        symbols[left.Next] = right with { Alive = false };
        symbols[at] = left with { Id = id, End = right.End, Next = right.Next };
        if (right.Next < symbols.Count)
            symbols[right.Next] = symbols[right.Next] with { Previous = at };
        Offer(symbols, at, queue);
        if (left.Previous >= 0)
            Offer(symbols, left.Previous, queue);
    }

    private readonly record struct Symbol(int Id, int Start, int End, int Previous, int Next, bool Alive = true);
}
