using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>What both kinds of byte-pair tokenizers share: special tokens, known pieces and hashing. Safe to use from several threads.</summary>
internal abstract class BpeTextTokenizer : ITextTokenizer
{
    private const int LongestRemembered = 48;
    private const int MostRemembered = 200_000;

    private readonly ConcurrentDictionary<string, PieceToken[]> _known = new(StringComparer.Ordinal);
    private readonly Lazy<string> _hash;
    private readonly Regex? _specials;

    protected BpeTextTokenizer(TokenizerDefinition definition)
    {
        Definition = definition;
        Merger = new PairMerger(definition);
        _hash = new Lazy<string>(definition.ComputeHash);
        VocabularySize = definition.Vocabulary.Values.Concat(definition.Specials.Values).Max() + 1;
        TokenTexts = new string?[VocabularySize];
        foreach ((string text, int id) in definition.Vocabulary)
            TokenTexts[id] = text;
        SpecialTexts = definition.Specials.ToDictionary(s => s.Value, s => s.Key);
        if (SpecialTexts.Count > 0)
            _specials = new Regex(string.Join('|', definition.Specials.Keys.OrderByDescending(s => s.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
    }

    public string Hash => _hash.Value;

    public int VocabularySize { get; }

    public IReadOnlySet<int> EndIds => Definition.EndIds;

    public int? BeginId => Definition.BeginId;

    protected TokenizerDefinition Definition { get; }

    protected PairMerger Merger { get; }

    /// <summary>Stored text of each id that plain text can become; null for the others.</summary>
    protected string?[] TokenTexts { get; }

    protected IReadOnlyDictionary<int, string> SpecialTexts { get; }

    public IReadOnlyList<TextToken> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<TextToken>(text.Length / 3 + 1);
        Encode(text, afterSpecial: false, tokens);
        return tokens;
    }

    public IReadOnlyList<int> EncodePrompt(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var ids = new List<int>();
        var tokens = new List<TextToken>();
        void AddText(int start, int end)
        {
            tokens.Clear();
            if (end > start)
                Encode(prompt[start..end], afterSpecial: start > 0, tokens);
            ids.AddRange(tokens.Select(t => t.Id));
        }

        int done = 0;
        for (Match? match = _specials?.Match(prompt); match is { Success: true }; match = match.NextMatch())
        {
            AddText(done, match.Index);
            ids.Add(Definition.Specials[match.Value]);
            done = match.Index + match.Length;
        }

        AddText(done, prompt.Length);
        return ids;
    }

    public abstract string Decode(IEnumerable<int> ids, bool keepSpecial = false);

    /// <summary>Appends the tokens of text that has no special tokens, or whose special tokens are only text.</summary>
    protected abstract void Encode(string text, bool afterSpecial, List<TextToken> tokens);

    /// <summary>Tokens of one piece, of which merges know nothing outside.</summary>
    protected abstract PieceToken[] EncodePiece(ReadOnlySpan<char> piece);

    /// <summary>Tokens of one piece, from memory where it was met before: a book has few different words.</summary>
    protected PieceToken[] Piece(ReadOnlySpan<char> piece)
    {
        if (piece.Length > LongestRemembered)
            return EncodePiece(piece);
        ConcurrentDictionary<string, PieceToken[]>.AlternateLookup<ReadOnlySpan<char>> known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(piece, out PieceToken[]? tokens))
            return tokens;
        tokens = EncodePiece(piece);
        if (_known.Count >= MostRemembered)
            _known.Clear();
        known[piece] = tokens;
        return tokens;
    }
}
