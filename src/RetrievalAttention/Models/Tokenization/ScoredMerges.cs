namespace RetrievalAttention.Models.Tokenization;

/// <summary>
/// SentencePiece stores a score for each token and joins the neighbours whose union has the best one. This writes that as a list of merges, in the
/// order of Hugging Face's converter (SentencePieceExtractor in convert_slow_tokenizer.py), so that both kinds of file give the same ids.
/// </summary>
internal static class ScoredMerges
{
    /// <param name="ordinary">Whether an id is an ordinary token: neither special nor a byte.</param>
    public static IReadOnlyList<string> Of(string[] tokens, double[] scores, Func<int, bool> ordinary)
    {
        var ids = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (ordinary(id))
                ids[tokens[id]] = id;
        }

        var parts = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(double Score, int Left, int Right, string Text)>();
        foreach ((string token, int id) in ids)
        {
            for (int cut = 1; cut < token.Length; cut++)
            {
                if (parts.TryGetValue(token.AsSpan(0, cut), out int left) && parts.TryGetValue(token.AsSpan(cut), out int right))
                    merges.Add((scores[id], left, right, $"{tokens[left]} {tokens[right]}"));
            }
        }

        return
        [
            .. merges.OrderByDescending(m => m.Score).ThenByDescending(m => tokens[m.Left].Length).ThenByDescending(m => tokens[m.Right].Length)
                .ThenBy(m => m.Left).ThenBy(m => m.Right).Select(m => m.Text),
        ];
    }
}
