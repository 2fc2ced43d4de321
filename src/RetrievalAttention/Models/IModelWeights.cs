using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>
/// An opened model: memory-mapped tensors under Hugging Face names ("model.layers.0.self_attn.q_proj.weight"), whatever the file.
/// </summary>
public interface IModelWeights : IDisposable
{
    /// <summary>For a person: file or folder name.</summary>
    string Name { get; }

    DecoderConfig Config { get; }

    /// <summary>Chat template as the model declares it (Jinja), or null.</summary>
    string? ChatTemplate { get; }

    /// <summary>SHA-256 over the weights, lower-case hexadecimal: part of every fingerprint. Computed once and remembered beside the index.</summary>
    string Hash { get; }

    /// <summary>Builds the tokenizer from the model's own files.</summary>
    ITextTokenizer CreateTokenizer();

    bool Contains(string name);

    /// <summary>The tensor as float32 on the CPU, with rows outermost as in PyTorch ([out, in] for projections). The caller owns it.</summary>
    /// <exception cref="ProblemException">Missing, of another shape, or with a NaN; the message names the tensor.</exception>
    torch.Tensor Read(string name, params long[] shape);

    /// <summary>The tensor as it is stored, for products that work on quantised rows; false when there is none of that name.</summary>
    bool TryGetRaw(string name, [NotNullWhen(true)] out WeightTensor? tensor);
}

/// <summary>A token of a text: its id and the characters it stands for.</summary>
/// <param name="Start">First UTF-16 code unit of the text that the token covers. Tokens that are parts of one character share its range.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TextToken(int Id, int Start, int End);

/// <summary>Text to ids and back, exactly as the model was trained.</summary>
public interface ITextTokenizer
{
    /// <summary>SHA-256 over vocabulary, merges and pre-tokenizer, lower-case hexadecimal: part of every fingerprint.</summary>
    string Hash { get; }

    int VocabularySize { get; }

    /// <summary>Ids that end an answer (end of turn, end of text).</summary>
    IReadOnlySet<int> EndIds { get; }

    /// <summary>Id put before the first token of a sequence, or null when the model uses none.</summary>
    int? BeginId { get; }

    /// <summary>
    /// Tokens of plain text. Special tokens are never produced, whatever the text holds: a document cannot speak as the system.
    /// </summary>
    IReadOnlyList<TextToken> Encode(string text);

    /// <summary>Ids of a prompt that this program wrote, where special tokens such as &lt;|im_start|&gt; are recognised.</summary>
    IReadOnlyList<int> EncodePrompt(string prompt);

    /// <param name="keepSpecial">Write special tokens as their text instead of leaving them out.</param>
    string Decode(IEnumerable<int> ids, bool keepSpecial = false);
}
