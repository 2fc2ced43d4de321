using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// The beginning of a text that grew out of the local window, as a second memory in which it can be found again: what the model computed when it wrote it,
/// in the format of the book's memory. Lives as long as the writing.
/// </summary>
public sealed class DraftMemory(LoadedModel model, KvCodec codec) : IDisposable
{
    private readonly List<Tensor[]> _blocks = [];
    private readonly List<Tensor>[] _headKeys = [.. model.Heads.Heads.Select(_ => new List<Tensor>())];

    public int Blocks => _blocks.Count;

    /// <summary>Adds a block of 64 tokens.</summary>
    /// <param name="keys">[L, G, 64, D], before rotary embedding.</param>
    /// <param name="values">[L, G, 64, D].</param>
    public void Add(Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        _blocks.Add([.. codec.Encode(keys.unsqueeze(0), values.unsqueeze(0)).Select(segment => segment.DetachFromDisposeScope())]);
        for (int i = 0; i < _headKeys.Length; i++)
        {
            (int layer, int group) = model.Heads.Heads[i].SourceOf(model.Weights.Config);
            _headKeys[i].Add(keys[layer, group].clone().DetachFromDisposeScope());
        }
    }

    /// <summary>The best blocks and the block after each, as for the book.</summary>
    /// <inheritdoc cref="BookLook"/>
    public IReadOnlyList<int> Find(IReadOnlyList<Tensor> queries, int runs)
    {
        if (Blocks == 0 || runs == 0) return [];
        using var scope = NewDisposeScope();
        double[] totals = new double[Blocks];
        for (int i = 0; i < _headKeys.Length; i++)
        {
            double[] scores = BlockScores.Of(model.Decoder.Rope.RotateAll(queries[i], BlockScores.FixedDistance), cat(_headKeys[i], 0));
            for (int block = 0; block < totals.Length; block++) totals[block] += scores[block];
        }
        return BlockRuns.Best(totals, runs);
    }

    /// <summary>Keys (before rotary embedding) and values of a block, [L, G, 64, D] in float32. The caller owns them.</summary>
    public (Tensor Keys, Tensor Values) Read(int block)
    {
        using var scope = NewDisposeScope();
        (Tensor keys, Tensor values) = codec.Decode(_blocks[block]);
        return (keys[0].MoveToOuterDisposeScope(), values[0].MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _blocks.SelectMany(segments => segments).Concat(_headKeys.SelectMany(keys => keys))) tensor.Dispose();
    }
}
