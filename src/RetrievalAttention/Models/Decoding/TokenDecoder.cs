using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Models.Decoding;

/// <summary>
/// Decodes one token at a time on the processor, reading weights in the format in which they are stored: a token costs the file's bytes, not four
/// bytes a weight. It computes what <see cref="Decoder"/> does, which is its reference: with formats that are multiplied natively the weights are exactly the
/// dequantised ones, activations are float32, and only the order of sums differs. Not safe for several threads.
/// </summary>
public sealed class TokenDecoder : IDisposable
{
    private const int MostThreads = 8;

    /// <summary>Rows that a thread takes at a time: few enough that a busy core delays little, many enough that taking them costs nothing.</summary>
    private const int ChunkRows = 48;

    private readonly StoredWeights _weights;
    private readonly WeightTensor _embedding;
    private readonly DecodingLayer[] _layers;
    private readonly float[] _finalNorm;
    private readonly MatrixProduct _output;
    private readonly TokenBuffers _buffers;
    private readonly ContextAttention _attention;
    private readonly WorkerTeam _team;
    private readonly float[] _cos;
    private readonly float[] _sin;

    /// <param name="weights">Must outlive the decoder.</param>
    /// <param name="threads">With the caller's; null for one a core, of which a few saturate the memory.</param>
    public TokenDecoder(IModelWeights weights, int? threads = null)
        : this(weights, threads ?? Math.Min(Environment.ProcessorCount, MostThreads), InstructionLevels.Best)
    {
    }

    internal TokenDecoder(IModelWeights weights, int threads, InstructionLevel level)
    {
        Config = weights.Config;
        _weights = new StoredWeights(weights, level);
        _buffers = new TokenBuffers(Config);
        _embedding = _weights.Tensor("model.embed_tokens.weight");
        _finalNorm = _weights.Vector("model.norm.weight");
        _output = new MatrixProduct([_weights.Matrix(Config.TiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight")], _buffers.Normed, _buffers.Logits);
        _layers = [.. Enumerable.Range(0, Config.Layers).Select(index => DecodingLayer.Load(Config, _weights, index, _buffers))];
        _team = new WorkerTeam(threads);
        _attention = new ContextAttention(Config, threads);
        _cos = new float[Config.HeadSize / 2];
        _sin = new float[Config.HeadSize / 2];
    }

    public DecoderConfig Config { get; }

    /// <summary>Bytes of weights read for a token.</summary>
    public long BytesPerToken => _weights.Matrices.Sum(matrix => matrix.BytesRead);

    /// <summary>Bytes of weights held besides the mapped file.</summary>
    public long CopiedBytes => _weights.Matrices.Sum(matrix => matrix.CopiedBytes);

    /// <summary>Reads a token behind what <paramref name="context"/> holds and appends its keys and values to it.</summary>
    /// <param name="context">Float32 on the CPU.</param>
    /// <param name="tap">Asked which layers it wants; tensors are made for those only.</param>
    /// <returns>Scores of the next token, [V]; valid until the next call.</returns>
    public ReadOnlySpan<float> Next(int id, AttentionContext context, IAttentionTap? tap = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Config.VocabularySize);
        context.EnsureRoom(1);
        Span<float> hidden = _buffers.Hidden;
        Dequantizer.Dequantize(_embedding.Type, _embedding.Row(id), hidden);
        TurnTo(context.Length);
        for (int index = 0; index < _layers.Length; index++)
        {
            DecodingLayer layer = _layers[index];
            Attend(index, layer, context, tap);
            TensorPrimitives.Add(hidden, _buffers.Added, hidden);
            FeedForward(layer);
            TensorPrimitives.Add(hidden, _buffers.Added, hidden);
        }
        context.Advance(1);
        Normalise(hidden, _finalNorm, _buffers.Normed);
        Multiply(_output);
        return _buffers.Logits;
    }

    private void Attend(int index, DecodingLayer layer, AttentionContext context, IAttentionTap? tap)
    {
        Normalise(_buffers.Hidden, layer.InputNorm, _buffers.Normed);
        Multiply(layer.Qkv);
        Span<float> projected = _buffers.Projected;
        if (layer.QkvBias is not null) TensorPrimitives.Add(projected, layer.QkvBias, projected);
        (int queries, int keys) = (Config.Heads * Config.HeadSize, Config.KvHeads * Config.HeadSize);
        context.QueryAdapters?.Add(index, _buffers.Normed.Values, projected[..queries]);
        if (layer.QueryNorm is not null) NormaliseHeads(projected[..queries], layer.QueryNorm);
        if (layer.KeyNorm is not null) NormaliseHeads(projected.Slice(queries, keys), layer.KeyNorm);

        Span<float> rotated = _buffers.Rotated;
        Rotate(projected[..(queries + keys)], rotated);
        LayerMemory memory = context.Memory(index);
        Append(rotated[queries..], projected[(queries + keys)..], memory, context);
        if (tap?.Wants(index) == true) Show(tap, index, projected, context);

        _attention.Prepare(rotated[..queries], memory, context.Capacity, context.Length + 1, context.Remembered, context.Gates?.Of(index));
        _team.Run(_attention, chunkRows: 1);
        _attention.Join(_buffers.Mixed.Values);
        _buffers.Mixed.SumGroups();
        Multiply(layer.Output);
    }

    private void FeedForward(DecodingLayer layer)
    {
        Normalise(_buffers.Hidden, layer.FeedForwardNorm, _buffers.Normed);
        Multiply(layer.GateUp);
        int size = Config.FeedForwardSize;
        Span<float> gate = _buffers.GateUp.AsSpan(0, size), gated = _buffers.Gated.Values;
        TensorPrimitives.Sigmoid(gate, gated);
        TensorPrimitives.Multiply(gated, gate, gated);
        TensorPrimitives.Multiply(gated, _buffers.GateUp.AsSpan(size, size), gated);
        _buffers.Gated.SumGroups();
        Multiply(layer.Down);
    }

    private void Multiply(MatrixProduct product) => _team.Run(product, ChunkRows);

    private void Normalise(ReadOnlySpan<float> x, float[] weight, Activation result)
    {
        Normalise(x, weight, result.Values);
        result.SumGroups();
    }

    private void NormaliseHeads(Span<float> heads, float[] weight)
    {
        for (; heads.Length > 0; heads = heads[Config.HeadSize..]) Normalise(heads[..Config.HeadSize], weight, heads[..Config.HeadSize]);
    }

    private void Normalise(ReadOnlySpan<float> x, float[] weight, Span<float> result)
    {
        float scale = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(x) / x.Length + Config.NormEpsilon);
        TensorPrimitives.Multiply(x, scale, result);
        TensorPrimitives.Multiply(result, weight, result);
    }

    private void TurnTo(int position)
    {
        for (int i = 0; i < _cos.Length; i++)
        {
            (double sin, double cos) = Math.SinCos(position * Config.RopeFrequencies[i]);
            (_sin[i], _cos[i]) = ((float)sin, (float)cos);
        }
    }

    // Pairs are (i, i + D/2), as in RotaryEmbedding.
    private void Rotate(ReadOnlySpan<float> heads, Span<float> rotated)
    {
        int half = _cos.Length;
        for (; heads.Length > 0; heads = heads[(2 * half)..], rotated = rotated[(2 * half)..])
        {
            for (int i = 0; i < half; i++)
            {
                rotated[i] = heads[i] * _cos[i] - heads[half + i] * _sin[i];
                rotated[half + i] = heads[half + i] * _cos[i] + heads[i] * _sin[i];
            }
        }
    }

    /// <param name="keys">[G, D], rotated.</param>
    /// <param name="values">[G, D].</param>
    private unsafe void Append(ReadOnlySpan<float> keys, ReadOnlySpan<float> values, LayerMemory memory, AttentionContext context)
    {
        int size = Config.HeadSize;
        for (int group = 0; group < Config.KvHeads; group++)
        {
            long at = ((long)group * context.Capacity + context.Length) * size;
            keys.Slice(group * size, size).CopyTo(new Span<float>(memory.Keys + at, size));
            values.Slice(group * size, size).CopyTo(new Span<float>(memory.Values + at, size));
        }
    }

    private void Show(IAttentionTap tap, int layer, ReadOnlySpan<float> projected, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        (int heads, int groups) = (Config.Heads, Config.KvHeads);
        Tensor all = tensor(projected.ToArray()).view(heads + 2 * groups, 1, Config.HeadSize);
        tap.Observe(layer, all.narrow(0, 0, heads), all.narrow(0, heads, groups), all.narrow(0, heads + groups, groups), context);
    }

    public void Dispose()
    {
        _team.Dispose();
        _weights.Dispose();
    }
}
