using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace RetrievalAttention.Embeddings;

/// <summary>Text to ids for a BERT encoder. Safe to use from several threads.</summary>
public sealed class WordPieces
{
    private readonly BertTokenizer _tokenizer;
    private readonly int _maximumTokens;

    private WordPieces(BertTokenizer tokenizer, string hash, int maximumTokens)
    {
        _tokenizer = tokenizer;
        Hash = hash;
        _maximumTokens = maximumTokens;
    }

    /// <summary>SHA-256 of the vocabulary, lower-case hexadecimal.</summary>
    public string Hash { get; }

    public int PaddingId => _tokenizer.PaddingTokenId;

    /// <exception cref="ProblemException">The vocabulary is missing, has another size than the model, or lacks a special token.</exception>
    public static WordPieces Open(string folder, EncoderSettings settings)
    {
        string path = Path.Combine(folder, "vocab.txt");
        if (!File.Exists(path))
            throw new ProblemException(ProblemKind.Model, $"{path} is missing. Fetch the whole folder of the encoder again.");
        byte[] vocabulary = File.ReadAllBytes(path);
        string[] words = Encoding.UTF8.GetString(vocabulary).TrimEnd('\n', '\r').Split('\n');
        if (words.Length > settings.Config.VocabularySize)
            throw new ProblemException(ProblemKind.Model, $"{path} has {words.Length} lines, but config.json declares vocab_size {settings.Config.VocabularySize}. They belong to different models; fetch the folder again.");
        string? missing = new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]" }.FirstOrDefault(token => !words.Any(word => word.TrimEnd('\r') == token));
        if (missing is not null)
            throw new ProblemException(ProblemKind.Model, $"{path} lacks the token {missing}. It is no vocabulary of a BERT encoder; fetch it again.");

        BertTokenizer tokenizer = BertTokenizer.Create(new MemoryStream(vocabulary), new BertOptions
        {
            LowerCaseBeforeTokenization = settings.LowerCase,
            RemoveNonSpacingMarks = settings.StripAccents,
            IndividuallyTokenizeCjk = settings.SplitChinese,
            SplitOnSpecialTokens = false,
        });
        return new WordPieces(tokenizer, Convert.ToHexStringLower(SHA256.HashData(vocabulary)), settings.MaximumTokens);
    }

    /// <summary>[CLS], the text's tokens, [SEP]; cut to the model's maximum.</summary>
    public int[] Encode(string text)
    {
        IReadOnlyList<int> ids = _tokenizer.EncodeToIds(Shortened(text), _maximumTokens, addSpecialTokens: true, out _, out _);
        return [.. ids];
    }

    /// <summary>Tokens of the whole text, without special tokens.</summary>
    public int Count(string text) => _tokenizer.CountTokens(text);

    /// <summary>A token takes at least one character, and words beyond 100 characters become one unknown token each.</summary>
    private string Shortened(string text)
    {
        int longest = _maximumTokens * 128;
        return text.Length <= longest ? text : text[..longest];
    }
}
