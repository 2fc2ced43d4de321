using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>Byte-pair encoding over characters, as SentencePiece does it (Llama 2, TinyLlama, Mistral).</summary>
internal sealed class SentencePieceTokenizer : BpeTextTokenizer
{
    private const char Space = '▁';

    private readonly int?[] _byteIds = new int?[256];
    private readonly Dictionary<int, byte> _byteValues = [];
    private readonly HashSet<int> _characters = [];
    private readonly bool _cutsBeforeWords;

    public SentencePieceTokenizer(TokenizerDefinition definition)
        : base(definition)
    {
        for (int value = 0; value < 256; value++)
        {
            if (!definition.Vocabulary.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), out int id))
                continue;
            _byteIds[value] = id;
            _byteValues[id] = (byte)value;
        }

        foreach (string token in definition.Vocabulary.Keys)
        {
            if (Rune.TryGetRuneAt(token, 0, out Rune only) && only.Utf16SequenceLength == token.Length)
                _characters.Add(only.Value);
        }

        // No token crosses the start of a word (a ▁ after something else), so merging word by word gives what merging the whole text would.
        _cutsBeforeWords = !definition.Vocabulary.Keys.Any(token => NextWord(token, 0) < token.Length);
    }

    public override string Decode(IEnumerable<int> ids, bool keepSpecial = false)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (_byteValues.TryGetValue(id, out byte value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, text);
            if (SpecialTexts.TryGetValue(id, out string? special))
                text.Append(keepSpecial ? special : "");
            else if (id >= 0 && id < TokenTexts.Length && TokenTexts[id] is string token)
                text.Append(token.Replace(Space, ' '));
        }

        Flush(bytes, text);
        return Definition.Prefix != SpacePrefix.Never && text.Length > 0 && text[0] == ' ' ? text.ToString(1, text.Length - 1) : text.ToString();
    }

    protected override void Encode(string text, bool afterSpecial, List<TextToken> tokens)
    {
        bool prefixed = text.Length > 0 && Definition.Prefix switch
        {
            SpacePrefix.Always => true,
            SpacePrefix.UnlessSpace => text[0] is not (' ' or Space),
            SpacePrefix.FirstUnlessSpace => !afterSpecial && text[0] is not (' ' or Space),
            _ => false,
        };
        string read = (prefixed ? Space + text : text).Replace(' ', Space);
        int shift = prefixed ? 1 : 0;
        for (int start = 0, end; start < read.Length; start = end)
        {
            end = _cutsBeforeWords ? NextWord(read, start) : read.Length;
            foreach (PieceToken token in Piece(read.AsSpan(start, end - start)))
                tokens.Add(new TextToken(token.Id, Math.Max(0, start + token.Start - shift), start + token.End - shift));
        }
    }

    protected override PieceToken[] EncodePiece(ReadOnlySpan<char> piece)
    {
        var tokens = new List<PieceToken>();
        int start = 0, at = 0;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int length = rune.Utf16SequenceLength;
            if (!_characters.Contains(rune.Value))
            {
                Merge(piece[start..at], start, tokens);
                AddBytes(rune, at, tokens);
                start = at + length;
            }

            at += length;
        }

        Merge(piece[start..], start, tokens);
        return [.. tokens];
    }

    private void Merge(ReadOnlySpan<char> stretch, int offset, List<PieceToken> tokens)
    {
        if (!stretch.IsEmpty)
            tokens.AddRange(Merger.Merge(stretch.ToString()).Select(t => new PieceToken(t.Id, offset + t.Start, offset + t.End)));
    }

    private void AddBytes(Rune rune, int at, List<PieceToken> tokens)
    {
        Span<byte> utf8 = stackalloc byte[4];
        utf8 = utf8[..rune.EncodeToUtf8(utf8)];
        int end = at + rune.Utf16SequenceLength, first = tokens.Count;
        foreach (byte value in utf8)
        {
            if (_byteIds[value] is int id)
                tokens.Add(new PieceToken(id, at, end));
        }

        if (tokens.Count - first == utf8.Length)
            return;
        tokens.RemoveRange(first, tokens.Count - first);
        if (Definition.UnknownId is int unknown)
            tokens.Add(new PieceToken(unknown, at, end));
    }

    /// <summary>Where the next word starts after a place: a ▁ that follows something else. The text's length when there is none.</summary>
    private static int NextWord(string text, int after)
    {
        for (int i = after + 1; i < text.Length; i++)
        {
            if (text[i] == Space && text[i - 1] != Space)
                return i;
        }

        return text.Length;
    }

    // Hugging Face writes one replacement character for each byte of a run that is not UTF-8 as a whole.
    private static void Flush(List<byte> bytes, StringBuilder text)
    {
        if (bytes.Count == 0)
            return;
        byte[] run = [.. bytes];
        bytes.Clear();
        if (Utf8.IsValid(run))
            text.Append(Encoding.UTF8.GetString(run));
        else
            text.Append('\uFFFD', run.Length);
    }
}
