using System.Text;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// Ends a text with a sentence, near the wanted number of words: before it the model may not end, after it a full stop becomes likelier with every token.
/// </summary>
public sealed class TextEnd
{
    /// <summary>Share of the words from which on the model may end by itself.</summary>
    private const double MayEndAt = 0.8;

    /// <summary>What each token beyond the wanted words adds to the scores of full stops.</summary>
    private const float Urge = 0.25f;

    /// <summary>Pieces of text beyond the wanted words after which the text ends anywhere.</summary>
    private const int MostBeyond = 200;

    /// <summary>Tokens a wanted word, after which a text without words ends.</summary>
    private const int MostTokensPerWord = 8;

    private readonly ITextTokenizer _tokenizer;
    private readonly string? _language;
    private readonly int _words;
    private readonly int[] _stops;
    private readonly StringBuilder _sentence = new();
    private int _wordsBefore;
    private int _beyond;

    /// <param name="language">Of the text; null for English.</param>
    public TextEnd(ITextTokenizer tokenizer, string? language, int words)
    {
        (_tokenizer, _language, _words) = (tokenizer, language, words);
        _stops = [.. new[] { ".", "!", "?", ".\"", ".”", "。" }.Select(mark => tokenizer.Encode(mark)).Where(tokens => tokens.Count == 1).Select(tokens => tokens[0].Id)];
    }

    public int Tokens { get; private set; }

    public int Words => _wordsBefore + ProseWords.Count(_sentence.ToString());

    /// <summary>There are enough words, and the last sentence is whole; or it will not end.</summary>
    public bool Reached { get; private set; }

    /// <summary>Counts a token, also one that gives no text by itself.</summary>
    public void AddToken() => Reached |= ++Tokens > MostTokensPerWord * _words + MostBeyond;

    /// <summary>Adds a piece of the text.</summary>
    /// <returns>The sentence that ended with it; null when none did.</returns>
    public string? Add(string piece)
    {
        _sentence.Append(piece);
        bool enough = Words >= _words;
        if (enough) _beyond++;
        string text = _sentence.ToString();
        bool ended = EndsSentence(text);
        Reached |= enough && ended || _beyond > MostBeyond;
        if (!ended) return null;
        _wordsBefore += ProseWords.Count(text);
        _sentence.Clear();
        return text;
    }

    /// <param name="scores">[V], changed in place.</param>
    public void Apply(Span<float> scores)
    {
        if (_beyond > 0)
            foreach (int id in _stops) scores[id] += _beyond * Urge;
        if (Words >= MayEndAt * _words) return;
        foreach (int id in _tokenizer.EndIds) scores[id] = float.NegativeInfinity;
    }

    /// <summary>Whether another sentence could follow: "Mr." is no end, nor is an initial.</summary>
    private bool EndsSentence(string text)
    {
        string trimmed = text.TrimEnd();
        if (trimmed.Length < 2 || char.IsLetterOrDigit(trimmed[^1])) return false;
        bool initial = trimmed[^1] == '.' && char.IsUpper(trimmed[^2]) && (trimmed.Length == 2 || !char.IsLetterOrDigit(trimmed[^3])) && trimmed[^2] != 'I';
        if (initial) return false;
        IReadOnlyList<TextRange> sentences = Sentences.Split(trimmed + " The next.", _language);
        return sentences.Count > 1 && sentences[^2].End == trimmed.Length;
    }
}
