namespace RetrievalAttention.Models.Tokenization;

/// <summary>
/// Tokens that end a turn or a text in the families of models that can be run. Files often declare one of several (only the end of a text, and not that
/// of a turn), so these count as well wherever a model has them as special tokens.
/// </summary>
internal static class EndTokens
{
    private static readonly string[] Known = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|eom_id|>", "</s>"];

    public static IReadOnlySet<int> Of(IReadOnlyDictionary<string, int> specials, IEnumerable<int?> declared)
    {
        var ids = new HashSet<int>(declared.OfType<int>());
        foreach (string token in Known)
        {
            if (specials.TryGetValue(token, out int id))
                ids.Add(id);
        }

        return ids;
    }
}
