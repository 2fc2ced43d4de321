using RetrievalAttention.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RetrievalAttention.Embeddings;

/// <summary>
/// BERT encoder (Devlin et al., 2019, arXiv:1810.04805), for inference: functional, with q, k and v in one projection. Shapes: B texts,
/// T tokens, E hidden size, H heads, D head size.
/// </summary>
public sealed class BertEncoder : IDisposable
{
    private readonly BertConfig _config;
    private readonly Tensor _words;
    private readonly Tensor _positions;
    private readonly Norm _embeddingNorm;
    private readonly Layer[] _layers;

    /// <param name="read">Reads a float32 weight by its name and checks its shape.</param>
    /// <param name="device">Where the weights are put and the arithmetic is done.</param>
    public BertEncoder(BertConfig config, Func<string, long[], Tensor> read, Device device)
    {
        _config = config;
        Device = device;
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var weights = new Weights(config, read, device);
        _words = weights.Read("embeddings.word_embeddings.weight", config.VocabularySize, config.HiddenSize);
        // All tokens are of the first type, so its embedding joins the positions once and for all.
        Tensor types = weights.Read("embeddings.token_type_embeddings.weight", config.TokenTypes, config.HiddenSize);
        _positions = weights.Read("embeddings.position_embeddings.weight", config.MaximumPositions, config.HiddenSize).add_(types[0], Scalars.One);
        _embeddingNorm = weights.ReadNorm("embeddings.LayerNorm");
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new Layer(weights, $"encoder.layer.{i}", config))];
        foreach (Tensor weight in AllWeights()) weight.DetachFromDisposeScope();
    }

    public Device Device { get; }

    /// <summary>Hidden states of the last layer.</summary>
    /// <param name="ids">int64 [B, T].</param>
    /// <param name="mask">float32 [B, T]: 1 for tokens, 0 for padding; null when there is no padding.</param>
    /// <returns>float32 [B, T, E]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The shapes are not these, or T exceeds the positions.</exception>
    public Tensor Forward(Tensor ids, Tensor? mask)
    {
        CheckShapes(ids, mask);
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long length = ids.shape[1];
        Tensor hidden = _words.index_select(0, ids.reshape(-1)).view(ids.shape[0], length, _config.HiddenSize);
        hidden.add_(_positions.narrow(0, 0, length), Scalars.One);
        hidden = _embeddingNorm.Apply(hidden);
        // [B, 1, 1, T]: added to the attention scores, so that nobody looks at padding.
        Tensor? bias = mask?.sub(Scalars.One).mul_(Scalars.Number(1e9)).unsqueeze(1).unsqueeze(1);
        foreach (Layer layer in _layers) hidden = layer.Apply(hidden, bias);
        return hidden.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (Tensor weight in AllWeights()) weight.Dispose();
    }

    private IEnumerable<Tensor> AllWeights() =>
        [_words, _positions, .. _embeddingNorm.Weights, .. _layers.SelectMany(layer => layer.Weights)];

    private void CheckShapes(Tensor ids, Tensor? mask)
    {
        if (ids.dim() != 2 || ids.shape[1] > _config.MaximumPositions)
            throw new ArgumentException($"ids has the shape [{string.Join(", ", ids.shape)}]; [B, T] with T up to {_config.MaximumPositions} was expected.");
        if (mask is not null && !mask.shape.SequenceEqual(ids.shape))
            throw new ArgumentException($"mask has the shape [{string.Join(", ", mask.shape)}]; that of ids, [{string.Join(", ", ids.shape)}], was expected.");
    }

    /// <summary>Attention, then feed forward; each is added to what came in and then normalised.</summary>
    private sealed class Layer(Weights weights, string name, BertConfig config)
    {
        private readonly Linear _queryKeyValue = Linear.Stacked(
            weights.ReadLinear($"{name}.attention.self.query", config.HiddenSize, config.HiddenSize),
            weights.ReadLinear($"{name}.attention.self.key", config.HiddenSize, config.HiddenSize),
            weights.ReadLinear($"{name}.attention.self.value", config.HiddenSize, config.HiddenSize));

        private readonly Linear _output = weights.ReadLinear($"{name}.attention.output.dense", config.HiddenSize, config.HiddenSize);
        private readonly Norm _attentionNorm = weights.ReadNorm($"{name}.attention.output.LayerNorm");
        private readonly Linear _up = weights.ReadLinear($"{name}.intermediate.dense", config.FeedForwardSize, config.HiddenSize);
        private readonly Linear _down = weights.ReadLinear($"{name}.output.dense", config.HiddenSize, config.FeedForwardSize);
        private readonly Norm _outputNorm = weights.ReadNorm($"{name}.output.LayerNorm");

        public IEnumerable<Tensor> Weights =>
            [.. _queryKeyValue.Weights, .. _output.Weights, .. _attentionNorm.Weights, .. _up.Weights, .. _down.Weights, .. _outputNorm.Weights];

        /// <param name="hidden">[B, T, E].</param>
        /// <param name="bias">[B, 1, 1, T] or null.</param>
        /// <returns>[B, T, E], in the caller's scope.</returns>
        public Tensor Apply(Tensor hidden, Tensor? bias)
        {
            using DisposeScope scope = NewDisposeScope();
            hidden = _attentionNorm.Apply(Attend(hidden, bias).add_(hidden, Scalars.One));
            Tensor wide = _up.Apply(hidden);
            wide = config.GeluByTanh ? wide.gelu_(GELU.Approximate.tanh) : wide.gelu_();
            return _outputNorm.Apply(_down.Apply(wide).add_(hidden, Scalars.One)).MoveToOuterDisposeScope();
        }

        private Tensor Attend(Tensor hidden, Tensor? bias)
        {
            (long texts, long length) = (hidden.shape[0], hidden.shape[1]);
            // [B, T, 3E] → [3, B, H, T, D]
            Tensor all = _queryKeyValue.Apply(hidden).view(texts, length, 3, config.Heads, -1).permute(2, 0, 3, 1, 4);
            Tensor attended = nn.functional.scaled_dot_product_attention(all[0], all[1], all[2], bias);
            return _output.Apply(attended.transpose(1, 2).reshape(texts, length, config.HiddenSize));
        }
    }

    /// <summary>x·Wᵀ + b.</summary>
    private sealed record Linear(Tensor Weight, Tensor Bias)
    {
        public Tensor[] Weights => [Weight, Bias];

        public static Linear Stacked(params Linear[] parts) =>
            new(cat([.. parts.Select(part => part.Weight)]), cat([.. parts.Select(part => part.Bias)]));

        public Tensor Apply(Tensor x) => nn.functional.linear(x, Weight, Bias);
    }

    private sealed record Norm(Tensor Weight, Tensor Bias, double Epsilon)
    {
        public Tensor[] Weights => [Weight, Bias];

        public Tensor Apply(Tensor x) => nn.functional.layer_norm(x, Weight.shape, Weight, Bias, Epsilon);
    }

    private sealed class Weights(BertConfig config, Func<string, long[], Tensor> read, Device device)
    {
        public Tensor Read(string name, params long[] shape) => read(name, shape).to(device, disposeAfter: true);

        public Linear ReadLinear(string name, int output, int input) => new(Read($"{name}.weight", output, input), Read($"{name}.bias", output));

        public Norm ReadNorm(string name) => new(Read($"{name}.weight", config.HiddenSize), Read($"{name}.bias", config.HiddenSize), config.NormEpsilon);
    }
}
