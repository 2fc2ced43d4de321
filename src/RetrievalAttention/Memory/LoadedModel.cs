using RetrievalAttention.Models;
using RetrievalAttention.Models.Chat;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// A model ready to read and to answer: weights, tokenizer, chat template, retrieval heads, and the decoder with its header. Documents and prompts are read in the
/// number type that is faster here; answers are written token by token from the weights as they are stored. Several threads may ask at once: their tokens take turns, for
/// one already uses every core.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly Dictionary<ScalarType, (Decoder Decoder, HeaderContext Header)> _readers = [];
    private readonly Lock _decoding = new();
    private readonly Lazy<RetrievalHeads> _heads;
    private readonly Lazy<TokenDecoder> _tokens;
    private HeadGates? _headGates;

    /// <param name="path">A .gguf file or a model's folder.</param>
    /// <param name="notes">Folder where hashes of weights are remembered.</param>
    /// <param name="reading">Number type for reading; null to measure which is faster here.</param>
    public LoadedModel(string path, Device device, string? notes = null, ScalarType? reading = null)
    {
        Path = path;
        Weights = ModelFiles.Open(path, notes);
        // Both take a while, and one of them one core.
        Task<ITextTokenizer> tokenizer = Task.Run(Weights.CreateTokenizer);
        Template = ChatTemplate.For(Weights);
        Decoder = new Decoder(Weights, device, reading ?? ComputeType.FastestForReading(device, Weights.Config.HiddenSize));
        Tokenizer = tokenizer.GetAwaiter().GetResult();
        HeaderIds = Tokenizer.EncodePrompt(Template.Header(Template.DefaultSystem));
        // What is written token by token is plain float32 memory on the processor.
        Header = new HeaderContext(Decoder, HeaderIds, device.type == DeviceType.CPU ? float32 : Decoder.Compute);
        _tokens = new(() => new TokenDecoder(Weights));
        _heads = new(() => RetrievalHeads.Load(RetrievalHeads.PathFor(path), Weights));
    }

    /// <summary>As given.</summary>
    public string Path { get; }

    public IModelWeights Weights { get; }

    public ITextTokenizer Tokenizer { get; }

    public ChatTemplate Template { get; }

    /// <summary>Ids of the chat tokens before the user's text.</summary>
    public IReadOnlyList<int> HeaderIds { get; }

    /// <summary>Reads documents and prompts.</summary>
    public Decoder Decoder { get; }

    public HeaderContext Header { get; }

    /// <summary>What weighs memories in all contexts that <see cref="Header"/> makes; null for the plain model.</summary>
    public MemoryGates? Gates { get; private set; }

    /// <exception cref="ProblemException">None are known for this model; says how to find them.</exception>
    public RetrievalHeads Heads => _heads.Value;

    /// <summary>From now on; contexts that were made before must be gone.</summary>
    public void Use(MemoryGates? gates)
    {
        _headGates?.Dispose();
        Header.Gates = _headGates = gates?.On(Decoder.Device);
        Gates = gates;
    }

    /// <summary>The prefill that reads documents: without gates, for it sees no memory.</summary>
    /// <param name="type">Number type; null for the one that is faster here.</param>
    public DocumentPrefill NewPrefill(int window, int step, ScalarType? type = null)
    {
        ScalarType wanted = type ?? Decoder.Compute;
        if (!_readers.TryGetValue(wanted, out (Decoder Decoder, HeaderContext Header) reader))
        {
            Decoder decoder = wanted == Decoder.Compute ? Decoder : new Decoder(Weights, Decoder.Device, wanted);
            _readers[wanted] = reader = (decoder, new HeaderContext(decoder, HeaderIds, wanted));
        }
        return new DocumentPrefill(reader.Decoder, reader.Header, window, step);
    }

    /// <summary>Reads one token behind the context, on the processor from the weights as they are stored, elsewhere through <see cref="Decoder"/>.</summary>
    /// <param name="tap">Watches the token's attention.</param>
    /// <returns>Scores of the next token, [V].</returns>
    public float[] DecodeNext(int id, AttentionContext context, IAttentionTap? tap)
    {
        if (context.IsPlainMemory)
        {
            lock (_decoding) return _tokens.Value.Next(id, context, tap).ToArray();
        }
        using var scope = NewDisposeScope();
        return Decoder.Logits(Decoder.Forward(tensor(new[] { (long)id }), context, tap))[0].cpu().data<float>().ToArray();
    }

    public MemoryFingerprint Fingerprint(string textHash, int tokens, int window, MemoryOptions options) => new(
        MemoryFingerprint.CurrentVersion, textHash, tokens, Weights.Hash, Tokenizer.Hash, MemoryFingerprint.HashOfRope(Weights.Config),
        MemoryFingerprint.HashOfIds(HeaderIds), window, options.Step, KvCodec.BlockTokens, options.Format,
        Weights.Config.Layers, Weights.Config.KvHeads, Weights.Config.HeadSize, ComputeType.Name(Decoder.Compute),
        options.Format == MemoryFormat.Keys ? Heads.SourceNames(Weights.Config) : null);

    public void Dispose()
    {
        foreach ((Decoder decoder, HeaderContext header) in _readers.Values)
        {
            header.Dispose();
            if (!ReferenceEquals(decoder, Decoder)) decoder.Dispose();
        }
        if (_tokens.IsValueCreated) _tokens.Value.Dispose();
        Use(null);
        Header.Dispose();
        Decoder.Dispose();
        Weights.Dispose();
    }
}
