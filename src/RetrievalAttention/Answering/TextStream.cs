using RetrievalAttention.Models;

namespace RetrievalAttention.Answering;

/// <summary>Turns ids into text as they come, never half a character: bytes of an unfinished one wait for the next token.</summary>
/// <param name="stop">Where a line begins so, the text has ended before it: a small model that goes on after its answer with a question of its own. Null for nothing.</param>
public sealed class TextStream(ITextTokenizer tokenizer, Action<string>? onText, string? stop = null)
{
    private const char Unfinished = '\uFFFD';
    private readonly List<int> _ids = [];
    private int _given;

    /// <summary>Everything so far, trimmed.</summary>
    public string Text => UntilStop(tokenizer.Decode(_ids).Trim());

    public bool Stopped { get; private set; }

    public void Add(int id)
    {
        _ids.Add(id);
        string all = UntilStop(tokenizer.Decode(_ids).TrimStart());
        if (!all.EndsWith(Unfinished) && !MayStop(all)) Give(all);
    }

    /// <summary>Gives what was held back.</summary>
    public void End() => Give(UntilStop(tokenizer.Decode(_ids).TrimStart()));

    private string UntilStop(string all)
    {
        int at = stop is null ? -1 : all.IndexOf('\n' + stop, StringComparison.Ordinal);
        Stopped |= at >= 0;
        return at < 0 ? all : all[..at].TrimEnd();
    }

    /// <summary>The last line may still become one that stops.</summary>
    private bool MayStop(string all) => stop is not null && all.LastIndexOf('\n') is >= 0 and var line && stop.StartsWith(all[(line + 1)..], StringComparison.Ordinal);

    private void Give(string all)
    {
        if (all.Length > _given) onText?.Invoke(all[_given..]);
        _given = Math.Max(_given, all.Length);
    }
}
