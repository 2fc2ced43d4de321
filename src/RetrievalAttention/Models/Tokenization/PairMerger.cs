using Microsoft.ML.Tokenizers;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>A token of a piece.</summary>
/// <param name="Start">First character of the piece that the token covers; parts of one character share its range.</param>
/// <param name="End">One past the last.</param>
internal readonly record struct PieceToken(int Id, int Start, int End);

/// <summary>
/// Byte-pair merging of one piece by Microsoft.ML.Tokenizers. Only merging is left to it: its own byte-level mode knows no patterns over code points,
/// no dropped bytes and no byte tokens, and would find special tokens in a document.
/// </summary>
internal sealed class PairMerger
{
    private const int LongestForLibrary = 128;

    private readonly BpeTokenizer _bpe;
    private readonly Lazy<LongPieceMerger> _long;

    /// <exception cref="ProblemException">A merge has a part that is not in the vocabulary.</exception>
    public PairMerger(TokenizerDefinition definition)
    {
        CheckMerges(definition);
        _bpe = BpeTokenizer.Create(new BpeOptions(definition.Vocabulary)
        {
            Merges = definition.Merges,
            PreTokenizer = null,
            Normalizer = null,
        });
        _long = new Lazy<LongPieceMerger>(() => new LongPieceMerger(definition));
    }

    /// <param name="piece">Characters that are all tokens of the vocabulary.</param>
    /// <returns>Tokens with ranges in characters of the piece.</returns>
    public IReadOnlyList<PieceToken> Merge(string piece)
    {
        if (piece.Length > LongestForLibrary)
            return _long.Value.Merge(piece);
        IReadOnlyList<EncodedToken> tokens = _bpe.EncodeToTokens(piece, out _, considerPreTokenization: false, considerNormalization: false);
        return [.. tokens.Select(t => new PieceToken(t.Id, t.Offset.Start.Value, t.Offset.End.Value))];
    }

    private static void CheckMerges(TokenizerDefinition definition)
    {
        foreach (string merge in definition.Merges)
        {
            if (merge.Split(' ') is not [string left, string right])
                throw new ProblemException(ProblemKind.Model, $"The tokenizer has the merge \"{merge}\", which is not two tokens with a space between. The model's files are damaged; fetch them again.");
            if (!definition.Vocabulary.ContainsKey(left) || !definition.Vocabulary.ContainsKey(right) || !definition.Vocabulary.ContainsKey(left + right))
                throw new ProblemException(ProblemKind.Model, $"The tokenizer has the merge \"{merge}\", of which a part or the result is not in its vocabulary. The model's files are damaged; fetch them again.");
        }
    }
}
