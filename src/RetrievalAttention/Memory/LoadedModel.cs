using RetrievalAttention.Models;
using RetrievalAttention.Models.Chat;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// A model ready to read and to answer: weights, tokenizer, chat template, retrieval heads, and the decoder with its header. Reading may use a second
/// copy of the weights in bfloat16, made on first need. Not safe for several threads.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly Lazy<(Decoder Decoder, HeaderContext Header)> _reading;
    private readonly Lazy<RetrievalHeads> _heads;
    private readonly Lazy<TokenDecoder> _tokens;

    /// <param name="path">A .gguf file or a model's folder.</param>
    /// <param name="notes">Folder where hashes of weights are remembered.</param>
    /// <param name="reading">Number type for reading; null to measure which is faster here.</param>
    public LoadedModel(string path, Device device, string? notes = null, ScalarType? reading = null)
    {
        Path = path;
        Weights = ModelFiles.Open(path, notes);
        Tokenizer = Weights.CreateTokenizer();
        Template = ChatTemplate.For(Weights);
        HeaderIds = Tokenizer.EncodePrompt(Template.Header(Template.DefaultSystem));
        Decoder = new Decoder(Weights, device, float32);
        Header = new HeaderContext(Decoder, HeaderIds);
        _tokens = new(() => new TokenDecoder(Weights));
        _heads = new(() => RetrievalHeads.Load(RetrievalHeads.PathFor(path), Weights));
        _reading = new(() =>
        {
            ScalarType type = reading ?? ComputeType.FastestForReading(device, Weights.Config.HiddenSize);
            if (type == float32) return (Decoder, Header);
            Decoder narrow = new(Weights, device, type);
            return (narrow, new HeaderContext(narrow, HeaderIds));
        });
    }

    /// <summary>As given.</summary>
    public string Path { get; }

    public IModelWeights Weights { get; }

    public ITextTokenizer Tokenizer { get; }

    public ChatTemplate Template { get; }

    /// <summary>Ids of the chat tokens before the user's text.</summary>
    public IReadOnlyList<int> HeaderIds { get; }

    /// <summary>Answers, in float32.</summary>
    public Decoder Decoder { get; }

    public HeaderContext Header { get; }

    /// <exception cref="ProblemException">None are known for this model; says how to find them.</exception>
    public RetrievalHeads Heads => _heads.Value;

    /// <summary>The prefill that reads documents, in the number type that is fastest here.</summary>
    public DocumentPrefill NewPrefill(int window, int step) => new(_reading.Value.Decoder, _reading.Value.Header, window, step);

    /// <summary>Reads one token behind the context, on the processor from the weights as they are stored, elsewhere through <see cref="Decoder"/>.</summary>
    /// <param name="tap">Watches the token's attention.</param>
    /// <returns>Scores of the next token, [V].</returns>
    public float[] DecodeNext(int id, AttentionContext context, IAttentionTap? tap)
    {
        if (context.IsPlainMemory) return _tokens.Value.Next(id, context, tap).ToArray();
        using var scope = NewDisposeScope();
        return Decoder.Logits(Decoder.Forward(tensor(new[] { (long)id }), context, tap))[0].cpu().data<float>().ToArray();
    }

    public MemoryFingerprint Fingerprint(string textHash, int tokens, int window, MemoryOptions options) => new(
        MemoryFingerprint.CurrentVersion, textHash, tokens, Weights.Hash, Tokenizer.Hash, MemoryFingerprint.HashOfRope(Weights.Config),
        MemoryFingerprint.HashOfIds(HeaderIds), window, options.Step, KvCodec.BlockTokens, options.Format,
        Weights.Config.Layers, Weights.Config.KvHeads, Weights.Config.HeadSize);

    public void Dispose()
    {
        if (_reading.IsValueCreated && !ReferenceEquals(_reading.Value.Decoder, Decoder))
        {
            _reading.Value.Header.Dispose();
            _reading.Value.Decoder.Dispose();
        }
        if (_tokens.IsValueCreated) _tokens.Value.Dispose();
        Header.Dispose();
        Decoder.Dispose();
        Weights.Dispose();
    }
}
