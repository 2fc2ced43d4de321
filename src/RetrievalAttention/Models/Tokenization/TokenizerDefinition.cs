using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace RetrievalAttention.Models.Tokenization;

internal enum TokenizerKind
{
    /// <summary>Tokens are bytes, written as the 256 printable characters of GPT-2.</summary>
    ByteLevel,

    /// <summary>Tokens are characters, a space is ▁, and characters outside the vocabulary become byte tokens such as &lt;0x0A&gt;.</summary>
    SentencePiece,
}

/// <summary>When a ▁ is put before a stretch of text between special tokens, so that its first word looks like any other.</summary>
internal enum SpacePrefix
{
    Never,
    Always,

    /// <summary>Unless the stretch begins with a space.</summary>
    UnlessSpace,

    /// <summary>Unless the stretch begins with a space or comes after a special token.</summary>
    FirstUnlessSpace,
}

/// <summary>What a model declares about its tokenizer, the same whichever file it was read from.</summary>
internal sealed record TokenizerDefinition
{
    public required TokenizerKind Kind { get; init; }

    /// <summary>Text of each id that plain text can become, byte-level or with ▁ as stored. Special tokens are not among them.</summary>
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    /// <summary>"left right", the first is merged first.</summary>
    public required IReadOnlyList<string> Merges { get; init; }

    /// <summary>Tokens that only a prompt may contain, as text.</summary>
    public required IReadOnlyDictionary<string, int> Specials { get; init; }

    /// <summary>How text is cut before merging, outermost step first; merges never cross a cut. Empty: not at all.</summary>
    public IReadOnlyList<SplitStep> Split { get; init; } = [];

    /// <summary>Bring text to Unicode normal form C first (qwen2).</summary>
    public bool Compose { get; init; }

    /// <summary>A piece that is a token as a whole is that token, whatever the merges say (llama3).</summary>
    public bool IgnoreMerges { get; init; }

    public SpacePrefix Prefix { get; init; }

    /// <summary>For characters that are neither tokens nor byte tokens; null to leave them out.</summary>
    public int? UnknownId { get; init; }

    public int? BeginId { get; init; }

    public required IReadOnlySet<int> EndIds { get; init; }

    /// <summary>SHA-256 over everything that decides about ids, lower-case hexadecimal.</summary>
    public string ComputeHash()
    {
        var lines = new ArrayBufferWriter<byte>(1 << 20);
        void Add(ReadOnlySpan<char> line)
        {
            Encoding.UTF8.GetBytes(line, lines);
            lines.Write([(byte)0]);
        }

        Add($"{Kind} {Compose} {IgnoreMerges} {Prefix} {UnknownId}");
        foreach (SplitStep step in Split)
            Add($"{step.Pattern} {step.KeepGaps}");
        foreach ((string token, int id) in Vocabulary.Concat(Specials).OrderBy(t => t.Value))
            Add($"{id} {token}");
        foreach (string merge in Merges)
            Add(merge);
        return Convert.ToHexStringLower(SHA256.HashData(lines.WrittenSpan));
    }
}
