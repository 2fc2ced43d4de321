using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RetrievalAttention.Models;

/// <summary>
/// A pretrained decoder of the Llama family (llama, qwen2, qwen3), unmodified. The memory is an argument of <see cref="Forward"/>, not a
/// field: the same weights read, answer, and are compared under every kind of selection.
/// </summary>
public sealed class Decoder : IDisposable
{
    private readonly Layer[] _layers;
    private readonly Tensor _embedding;
    private readonly Tensor _finalNorm;
    private readonly Tensor _output;

    /// <param name="compute">Type of weights and matrix products: float32, or bfloat16 where the processor has it. Sums of layers stay float32.</param>
    public Decoder(IModelWeights weights, Device device, ScalarType compute)
    {
        Config = weights.Config;
        Device = device;
        Compute = compute;
        Rope = new RotaryEmbedding(Config.RopeFrequencies, device);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor Keep(Tensor tensor, ScalarType type) => tensor.to(type, device).DetachFromDisposeScope();
        _embedding = Keep(weights.Read("model.embed_tokens.weight", Config.VocabularySize, Config.HiddenSize), compute);
        _finalNorm = Keep(weights.Read("model.norm.weight", Config.HiddenSize), float32);
        _output = Config.TiedEmbeddings ? _embedding : Keep(weights.Read("lm_head.weight", Config.VocabularySize, Config.HiddenSize), compute);
        _layers = [.. Enumerable.Range(0, Config.Layers).Select(index => Layer.Load(weights, index, Keep, compute))];
    }

    public DecoderConfig Config { get; }

    public Device Device { get; }

    public ScalarType Compute { get; }

    public RotaryEmbedding Rope { get; }

    /// <param name="type">Of its keys and values; null for <see cref="Compute"/>.</param>
    public AttentionContext NewContext(int capacity, ScalarType? type = null) => new(Config, capacity, Device, type ?? Compute);

    /// <summary>
    /// Runs tokens behind what <paramref name="context"/> holds, each seeing the context and the tokens before it, and appends
    /// their keys and values to it.
    /// </summary>
    /// <param name="ids">[T], int64.</param>
    /// <param name="layers">Stop after this many layers (their output is then not normalised); null for all.</param>
    /// <param name="bias">Added to the scores of what the context holds; null for its <see cref="AttentionContext.Gates"/>, if it has any.</param>
    /// <returns>
    /// Hidden states [T, E] in float32, after the final norm. The caller owns them. Weights have no gradients, so a graph is recorded only for gates that learn, and then only
    /// the last call before a backward pass may have written to the context.
    /// </returns>
    public Tensor Forward(Tensor ids, AttentionContext context, IAttentionTap? tap = null, int? layers = null, IAttentionBias? bias = null)
    {
        using var scope = NewDisposeScope();
        int tokens = (int)ids.shape[0];
        bias ??= context.Gates;
        Tensor hidden = _embedding.index_select(0, ids.to(Device)).to(float32);
        Tensor? mask = tokens > 1 ? CausalMask(context.Length, tokens, context.Type) : null;
        int last = layers ?? Config.Layers;
        for (int index = 0; index < last; index++)
        {
            using var layerScope = NewDisposeScope();
            layerScope.Attach(hidden);
            Layer layer = _layers[index];
            hidden = hidden.add(Attend(index, layer, Norm(hidden, layer.InputNorm), context, mask, tap, bias), Scalars.One);
            hidden = hidden.add(FeedForward(layer, Norm(hidden, layer.FeedForwardNorm)), Scalars.One).MoveToOuterDisposeScope();
        }
        context.Advance(tokens);
        return (last == Config.Layers ? Norm(hidden, _finalNorm, float32) : hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of the next token after each hidden state: [T, E] to [T, V], float32. The caller owns them.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return linear(hidden.to(Compute), _output).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>x [T, E] to [T, E]. One softmax over everything in the context and the call's own tokens.</summary>
    private Tensor Attend(int index, Layer layer, Tensor x, AttentionContext context, Tensor? mask, IAttentionTap? tap, IAttentionBias? bias)
    {
        long tokens = x.shape[0];
        (int heads, int groups, int size) = (Config.Heads, Config.KvHeads, Config.HeadSize);
        Tensor projected = linear(x, layer.Qkv, layer.QkvBias);
        if (context.QueryAdapters is { } adapters) projected = projected.add(pad(adapters.Of(index, x).to(Compute), [0, 2 * groups * size]), Scalars.One);
        projected = projected.view(tokens, heads + 2 * groups, size).transpose(0, 1);
        Tensor queries = projected.narrow(0, 0, heads);
        Tensor keys = projected.narrow(0, heads, groups);
        Tensor values = projected.narrow(0, heads + groups, groups);
        if (context.Type != Compute) (queries, keys) = (queries.to(context.Type), keys.to(context.Type));
        if (layer.QueryNorm is not null) queries = Norm(queries, layer.QueryNorm, context.Type);
        if (layer.KeyNorm is not null) keys = Norm(keys, layer.KeyNorm, context.Type);
        context.Write(index, Rope.Rotate(keys, context.Length), values);
        tap?.Observe(index, queries, keys, values, context);

        // Query heads that share a key/value head become rows of one product: [H, T, D] is [G, H/G * T, D].
        Tensor rotated = Rope.Rotate(queries, context.Length).contiguous();
        if (bias?.Bias(index, rotated, context) is { } added) mask = WithBias(mask, added.to(context.Type), (int)tokens);
        Tensor grouped = rotated.view(1, groups, heads / groups * tokens, size);
        Tensor allKeys = context.Keys(index, (int)tokens).unsqueeze(0);
        Tensor allValues = context.Values(index, (int)tokens).unsqueeze(0);
        Tensor mixed = scaled_dot_product_attention(grouped, allKeys, allValues, attn_mask: mask);
        return linear(mixed.view(heads, tokens, size).transpose(0, 1).reshape(tokens, heads * size).to(Compute), layer.Output);
    }

    private static Tensor FeedForward(Layer layer, Tensor x)
    {
        Tensor both = linear(x, layer.GateUp);
        long size = both.shape[1] / 2;
        Tensor gated = silu(both.narrow(1, 0, size)).mul_(both.narrow(1, size, size));
        return linear(gated, layer.Down);
    }

    /// <summary>RMS norm over the last dimension, computed in float32; the result has the compute type unless told otherwise.</summary>
    private Tensor Norm(Tensor x, Tensor weight, ScalarType? type = null)
    {
        Tensor wide = x.to(float32);
        Tensor scale = wide.mul(wide).mean([-1], keepdim: true).add_(Scalars.Number(Config.NormEpsilon), Scalars.One).rsqrt_();
        return wide.mul(scale).mul_(weight).to(type ?? Compute);
    }

    /// <summary>[H/G * T, context + T]: 0 where a token may look, minus infinity at later tokens of the call.</summary>
    private Tensor CausalMask(int before, int tokens, ScalarType type)
    {
        Tensor later = full([tokens, tokens], Scalars.MinusInfinity, float32, Device).triu_(1);
        Tensor mask = cat([zeros([tokens, before], float32, Device), later], 1).to(type);
        return mask.repeat(Config.Heads / Config.KvHeads, 1);
    }

    /// <summary>Mask and bias [H, 1 or T, context] together, by key/value heads as the products are: [1, G, H/G * T, context + T].</summary>
    private Tensor WithBias(Tensor? mask, Tensor bias, int tokens)
    {
        long before = bias.shape[2];
        Tensor wide = pad(bias.expand(Config.Heads, tokens, before), [0, tokens]);
        Tensor grouped = wide.reshape(1, Config.KvHeads, Config.Heads / Config.KvHeads * tokens, before + tokens);
        return mask is null ? grouped : grouped.add(mask, Scalars.One);
    }

    public void Dispose()
    {
        foreach (Layer layer in _layers) layer.Dispose();
        if (!ReferenceEquals(_output, _embedding)) _output.Dispose();
        _embedding.Dispose();
        _finalNorm.Dispose();
        Rope.Dispose();
    }

    /// <summary>Weights of one layer; q, k, v and gate, up are joined so that each pair of products is one.</summary>
    private sealed record Layer(
        Tensor InputNorm, Tensor Qkv, Tensor? QkvBias, Tensor? QueryNorm, Tensor? KeyNorm, Tensor Output,
        Tensor FeedForwardNorm, Tensor GateUp, Tensor Down) : IDisposable
    {
        public static Layer Load(IModelWeights weights, int index, Func<Tensor, ScalarType, Tensor> keep, ScalarType compute)
        {
            using var scope = NewDisposeScope();
            DecoderConfig config = weights.Config;
            (long hidden, long queries, long keys) = (config.HiddenSize, config.Heads * config.HeadSize, config.KvHeads * config.HeadSize);
            string attention = $"model.layers.{index}.self_attn", feedForward = $"model.layers.{index}.mlp";
            Tensor Joined(params (string Name, long[] Shape)[] parts) => cat([.. parts.Select(part => weights.Read(part.Name, part.Shape))], 0);
            return new Layer(
                keep(weights.Read($"model.layers.{index}.input_layernorm.weight", hidden), float32),
                keep(Joined(($"{attention}.q_proj.weight", [queries, hidden]), ($"{attention}.k_proj.weight", [keys, hidden]), ($"{attention}.v_proj.weight", [keys, hidden])), compute),
                config.QkvBias ? keep(Joined(($"{attention}.q_proj.bias", [queries]), ($"{attention}.k_proj.bias", [keys]), ($"{attention}.v_proj.bias", [keys])), compute) : null,
                config.QkNorm ? keep(weights.Read($"{attention}.q_norm.weight", config.HeadSize), float32) : null,
                config.QkNorm ? keep(weights.Read($"{attention}.k_norm.weight", config.HeadSize), float32) : null,
                keep(weights.Read($"{attention}.o_proj.weight", hidden, queries), compute),
                keep(weights.Read($"model.layers.{index}.post_attention_layernorm.weight", hidden), float32),
                keep(Joined(($"{feedForward}.gate_proj.weight", [config.FeedForwardSize, hidden]), ($"{feedForward}.up_proj.weight", [config.FeedForwardSize, hidden])), compute),
                keep(weights.Read($"{feedForward}.down_proj.weight", hidden, config.FeedForwardSize), compute));
        }

        public void Dispose()
        {
            foreach (Tensor? tensor in (Tensor?[])[InputNorm, Qkv, QkvBias, QueryNorm, KeyNorm, Output, FeedForwardNorm, GateUp, Down]) tensor?.Dispose();
        }
    }
}
