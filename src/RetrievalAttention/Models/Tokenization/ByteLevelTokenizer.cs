using System.Text;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>Byte-level byte-pair encoding (GPT-2, Llama 3, Qwen, SmolLM).</summary>
internal sealed class ByteLevelTokenizer : BpeTextTokenizer
{
    private readonly TextSplitter _splitter;
    private readonly HashSet<char> _alphabet;

    public ByteLevelTokenizer(TokenizerDefinition definition)
        : base(definition)
    {
        _splitter = new TextSplitter(definition.Split);
        _alphabet = [.. definition.Vocabulary.Keys.Where(t => t.Length == 1).Select(t => t[0])];
    }

    public override string Decode(IEnumerable<int> ids, bool keepSpecial = false)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (SpecialTexts.TryGetValue(id, out string? special))
                bytes.AddRange(keepSpecial ? Encoding.UTF8.GetBytes(special) : []);
            else if (id >= 0 && id < TokenTexts.Length && TokenTexts[id] is string token)
                bytes.AddRange(ByteAlphabet.ToBytes(token));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    protected override void Encode(string text, bool afterSpecial, List<TextToken> tokens)
    {
        ComposedText? composed = Definition.Compose ? ComposedText.Of(text) : null;
        ReadOnlySpan<char> read = composed?.Text ?? text;
        foreach ((int start, int end) in _splitter.Split(read))
        {
            foreach (PieceToken token in Piece(read[start..end]))
                tokens.Add(composed is null ? new TextToken(token.Id, start + token.Start, start + token.End) : composed.Place(token.Id, start + token.Start, start + token.End));
        }
    }

    protected override PieceToken[] EncodePiece(ReadOnlySpan<char> piece)
    {
        var characters = new StringBuilder(piece.Length);
        var places = new List<(int Start, int End)>(piece.Length);
        Span<byte> utf8 = stackalloc byte[4];
        int at = 0;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int units = rune.Utf16SequenceLength;
            foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                // A few vocabularies lack bytes that their training text lacked; Hugging Face leaves them out before merging.
                char character = ByteAlphabet.ToCharacter(value);
                if (!_alphabet.Contains(character))
                    continue;
                characters.Append(character);
                places.Add((at, at + units));
            }

            at += units;
        }

        string mapped = characters.ToString();
        if (Definition.IgnoreMerges && Definition.Vocabulary.TryGetValue(mapped, out int whole))
            return [new PieceToken(whole, places[0].Start, places[^1].End)];
        return [.. Merger.Merge(mapped).Select(t => Place(t, places))];
    }

    private static PieceToken Place(PieceToken token, List<(int Start, int End)> places) =>
        new(token.Id, places[token.Start].Start, places[token.End - 1].End);
}
