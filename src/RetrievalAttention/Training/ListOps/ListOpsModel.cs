using RetrievalAttention.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RetrievalAttention.Training.ListOps;

/// <summary>
/// A small causal transformer, pre-norm with learned positions, that tells the value of every list where it closes. Each token attends to a local window; with a
/// memory, also to the keys of older tokens that fit its query best, in the same softmax (Memorizing Transformers, Wu et al. 2022; here in every layer, and
/// chosen keys get gradients). What is attended to is bounded, not what is computed: these sequences are short.
/// </summary>
public sealed class ListOpsModel : Module<Tensor, Tensor>
{
    private readonly Embedding _tokens;
    private readonly Embedding _positions;
    private readonly ModuleList<Layer> _layers;
    private readonly LayerNorm _norm;
    private readonly Linear _output;
    private readonly Tensor _later;
    private readonly Tensor _older;

    public ListOpsModel(ListOpsShape shape, int length, bool memory)
        : base(nameof(ListOpsModel))
    {
        _tokens = Embedding(ListOpsTokens.Count, shape.Size);
        _positions = Embedding(length, shape.Size);
        _layers = new ModuleList<Layer>([.. Enumerable.Range(0, shape.Layers).Select(_ => new Layer(shape, memory ? shape.MemoryKeys : 0))]);
        _norm = LayerNorm(shape.Size);
        _output = Linear(shape.Size, ListOpsTokens.Digits);
        using var scope = NewDisposeScope();
        Tensor all = ones([length, length], ScalarType.Bool);
        register_buffer("_later", _later = all.triu(1).DetachFromDisposeScope(), persistent: false);
        register_buffer("_older", _older = all.tril(-shape.Window).DetachFromDisposeScope(), persistent: false);
        RegisterComponents();
    }

    /// <param name="ids">[B, T], int64.</param>
    /// <returns>Scores of the ten values at every token, [B, T, 10].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        long length = ids.shape[1];
        Tensor hidden = _tokens.call(ids).add(_positions.call(arange(Scalars.Integer(length), int64, ids.device)), Scalars.One);
        Tensor later = _later.narrow(0, 0, length).narrow(1, 0, length), older = _older.narrow(0, 0, length).narrow(1, 0, length);
        foreach (Layer layer in _layers) hidden = layer.call(hidden, later, older);
        return _output.call(_norm.call(hidden)).MoveToOuterDisposeScope();
    }

    private sealed class Layer : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly ListOpsShape _shape;
        private readonly int _memoryKeys;
        private readonly LayerNorm _attentionNorm;
        private readonly Linear _queriesKeysValues;
        private readonly Linear _mixed;
        private readonly LayerNorm _feedForwardNorm;
        private readonly Linear _up;
        private readonly Linear _down;

        public Layer(ListOpsShape shape, int memoryKeys)
            : base(nameof(Layer))
        {
            (_shape, _memoryKeys) = (shape, memoryKeys);
            _attentionNorm = LayerNorm(shape.Size);
            _queriesKeysValues = Linear(shape.Size, 3 * shape.Size);
            _mixed = Linear(shape.Size, shape.Size);
            _feedForwardNorm = LayerNorm(shape.Size);
            _up = Linear(shape.Size, 4 * shape.Size);
            _down = Linear(4 * shape.Size, shape.Size);
            RegisterComponents();
        }

        /// <param name="x">[B, T, E].</param>
        /// <param name="later">[T, T]: keys that come after a query.</param>
        /// <param name="older">[T, T]: keys that have left its window.</param>
        public override Tensor forward(Tensor x, Tensor later, Tensor older)
        {
            using var scope = NewDisposeScope();
            Tensor attended = x.add(Attend(_attentionNorm.call(x), later, older), Scalars.One);
            return attended.add(_down.call(functional.gelu(_up.call(_feedForwardNorm.call(attended)))), Scalars.One).MoveToOuterDisposeScope();
        }

        private Tensor Attend(Tensor x, Tensor later, Tensor older)
        {
            (long batch, long length, int size) = (x.shape[0], x.shape[1], _shape.Size / _shape.Heads);
            Tensor[] parts = _queriesKeysValues.call(x).view(batch, length, 3, _shape.Heads, size).permute(2, 0, 3, 1, 4)
                .reshape(3, batch * _shape.Heads, length, size).unbind(0);
            Tensor scores = parts[0].bmm(parts[1].transpose(1, 2)).div(Scalars.Number(Math.Sqrt(size)));
            Tensor weights = scores.masked_fill(later | (_memoryKeys > 0 ? Forgotten(scores.detach(), older) : older), Scalars.MinusInfinity).softmax(-1);
            return _mixed.call(weights.bmm(parts[2]).view(batch, _shape.Heads, length, size).transpose(1, 2).reshape(batch, length, _shape.Size));
        }

        /// <summary>Older keys that are not among the best of their query: [B * H, T, T].</summary>
        private Tensor Forgotten(Tensor scores, Tensor older)
        {
            Tensor ofOlder = scores.masked_fill(older.logical_not(), Scalars.MinusInfinity);
            Tensor least = ofOlder.topk((int)Math.Min(_memoryKeys, scores.shape[2])).values.narrow(-1, -1, 1);
            return older & ofOlder.lt(least);
        }
    }
}

/// <summary>Sizes of a <see cref="ListOpsModel"/>.</summary>
/// <param name="Size">E, a multiple of <paramref name="Heads"/>.</param>
/// <param name="Window">Tokens that each attends to in full, itself included.</param>
/// <param name="MemoryKeys">Older tokens that each head attends to besides.</param>
public sealed record ListOpsShape(int Layers, int Size, int Heads, int Window, int MemoryKeys);
