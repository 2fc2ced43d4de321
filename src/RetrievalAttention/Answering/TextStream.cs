using RetrievalAttention.Models;

namespace RetrievalAttention.Answering;

/// <summary>Turns ids into text as they come, never half a character: bytes of an unfinished one wait for the next token.</summary>
public sealed class TextStream(ITextTokenizer tokenizer, Action<string>? onText)
{
    private const char Unfinished = '\uFFFD';
    private readonly List<int> _ids = [];
    private int _given;

    /// <summary>Everything so far, trimmed.</summary>
    public string Text => tokenizer.Decode(_ids).Trim();

    public void Add(int id)
    {
        _ids.Add(id);
        string all = tokenizer.Decode(_ids).TrimStart();
        if (!all.EndsWith(Unfinished)) Give(all);
    }

    /// <summary>Gives what was held back.</summary>
    public void End() => Give(tokenizer.Decode(_ids).TrimStart());

    private void Give(string all)
    {
        if (all.Length > _given) onText?.Invoke(all[_given..]);
        _given = Math.Max(_given, all.Length);
    }
}
