using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>
/// The whole memory of a document in main memory (float16, 23 kB a token with the shipped model), so that methods can compare single tokens in
/// every layer, and what methods prepare once a document. Not safe for several threads.
/// </summary>
public sealed class ComparedDocument : IDisposable
{
    private const int BlocksAtOnce = 16;
    private const int BytesPerNumber = 2;

    private readonly Dictionary<string, IReadOnlyList<Tensor>> _prepared = [];
    private readonly Device _device;
    private readonly Tensor _keys;
    private readonly Tensor _values;

    private ComparedDocument(DocumentMemory memory, IReadOnlyList<TextToken> text, Device device, Tensor keys, Tensor values)
    {
        Memory = memory;
        Text = text;
        _device = device;
        _keys = keys;
        _values = values;
    }

    public DocumentMemory Memory { get; }

    /// <summary>N.</summary>
    public int Tokens => Text.Count;

    /// <summary>The document's tokens.</summary>
    public IReadOnlyList<TextToken> Text { get; }

    public int Layers => (int)_keys.shape[0];

    public int Groups => (int)_keys.shape[1];

    /// <summary>Processor time spent in <see cref="Prepared"/>: once a document, so not part of a question's time.</summary>
    public TimeSpan PreparationTime { get; private set; }

    /// <exception cref="DamagedBlockException">A block of the memory is damaged.</exception>
    /// <exception cref="ProblemException">It does not fit into main memory.</exception>
    public static ComparedDocument Load(DocumentMemory memory, DecoderConfig config, Device device, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        long[] shape = [config.Layers, config.KvHeads, memory.File.Tokens, config.HeadSize];
        RequireRoom(memory, 2L * BytesPerNumber * shape.Aggregate((product, size) => product * size));
        using var scope = NewDisposeScope();
        Tensor keys = empty(shape, float16), values = empty(shape, float16);
        for (int first = 0; first < memory.File.Blocks; first += BlocksAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Loading {memory.Document.Title}", first, memory.File.Blocks, "blocks"));
            using var step = NewDisposeScope();
            int start = first * KvCodec.BlockTokens, count = Math.Min(BlocksAtOnce * KvCodec.BlockTokens, memory.File.Tokens - start);
            (Tensor blockKeys, Tensor blockValues) = memory.File.Read([.. Enumerable.Range(first, MemoryFile.BlocksFor(count))]);
            keys.narrow(2, start, count).copy_(InOrder(blockKeys).narrow(2, 0, count));
            values.narrow(2, start, count).copy_(InOrder(blockValues).narrow(2, 0, count));
        }
        TextToken[] text = [.. Enumerable.Range(0, memory.File.Blocks).SelectMany(memory.File.ReadTokens)];
        return new ComparedDocument(memory, text, device, keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
    }

    /// <summary>The document as if it ended early. Shares keys and values with this one, which has to live longer; what methods prepare is its own.</summary>
    /// <param name="tokens">Of it; a multiple of 64, so that blocks stay whole.</param>
    public ComparedDocument Until(int tokens) => tokens % KvCodec.BlockTokens == 0 && tokens <= Tokens
        ? new(Memory, [.. Text.Take(tokens)], _device, _keys.narrow(2, 0, tokens).DetachFromDisposeScope(), _values.narrow(2, 0, tokens).DetachFromDisposeScope())
        : throw new ArgumentException($"A document of {Tokens} tokens cannot end after {tokens}; expected whole blocks of it.", nameof(tokens));

    /// <summary>Keys of a layer before rotary embedding, [G, N, D] in float32 on the device.</summary>
    public Tensor Keys(int layer) => _keys[layer].to(_device).to(float32);

    /// <summary>Values of a layer, [G, N, D] in float32 on the device.</summary>
    public Tensor Values(int layer) => _values[layer].to(_device).to(float32);

    /// <summary>Keys (before rotary embedding) and values of chosen tokens of a layer, [G, R, D] in float32 on the device.</summary>
    /// <param name="tokens">[R] for all heads, or [G, R]; int64.</param>
    public (Tensor Keys, Tensor Values) Of(int layer, Tensor tokens)
    {
        Tensor places = tokens.cpu();
        Tensor Chosen(Tensor all) => (places.dim() == 1
            ? all[layer].index_select(1, places)
            : all[layer].gather(1, places.unsqueeze(2).expand(-1, -1, all.shape[3]))).to(_device).to(float32);
        return (Chosen(_keys), Chosen(_values));
    }

    /// <summary>Tensors that depend on the document alone (and on what the name says), made on first need.</summary>
    public IReadOnlyList<Tensor> Prepared(string name, Func<IReadOnlyList<Tensor>> make)
    {
        if (_prepared.TryGetValue(name, out IReadOnlyList<Tensor>? known)) return known;
        PreparationTime += ProcessorTime.Own(() =>
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            known = [.. make().Select(made => made.DetachFromDisposeScope())];
        });
        return _prepared[name] = known!;
    }

    /// <summary>The same for tensors of every layer: each is [L, …].</summary>
    /// <param name="make">From a layer to its tensors.</param>
    public IReadOnlyList<Tensor> PreparedByLayer(string name, Func<int, IReadOnlyList<Tensor>> make) => Prepared(name, () =>
    {
        List<IReadOnlyList<Tensor>> layers = [];
        for (int layer = 0; layer < Layers; layer++)
        {
            using var scope = NewDisposeScope();
            IReadOnlyList<Tensor> made = make(layer);
            foreach (Tensor tensor in made) tensor.MoveToOuterDisposeScope();
            layers.Add(made);
        }
        return [.. Enumerable.Range(0, layers[0].Count).Select(i => stack(layers.Select(layer => layer[i])))];
    });

    public void Dispose()
    {
        foreach (Tensor tensor in _prepared.Values.SelectMany(tensors => tensors)) tensor.Dispose();
        _keys.Dispose();
        _values.Dispose();
    }

    private static void RequireRoom(DocumentMemory memory, long bytes)
    {
        long room = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes <= room) return;
        throw new ProblemException(ProblemKind.Environment,
            $"The keys and values of '{memory.Document.Title}' ({memory.File.Tokens:N0} tokens) take {bytes / 1e9:N1} GB of main memory, but this machine has {room / 1e9:N1} GB. Compare a shorter document.");
    }

    /// <summary>[n, L, G, 64, D] to [L, G, n * 64, D].</summary>
    private static Tensor InOrder(Tensor blocks) => blocks.permute(1, 2, 0, 3, 4).reshape(blocks.shape[1], blocks.shape[2], -1, blocks.shape[4]);
}
