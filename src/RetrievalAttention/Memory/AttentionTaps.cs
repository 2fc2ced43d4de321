using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>Keeps what a pass computes of keys (before rotary embedding) and values, as [L, G, T, D] in float32.</summary>
/// <param name="cancellation">Ends the pass between two layers, for a pass over hundreds of tokens takes seconds.</param>
public sealed class KeyValueCapture(CancellationToken cancellation) : IAttentionTap, IDisposable
{
    private readonly List<Tensor> _keys = [];
    private readonly List<Tensor> _values = [];

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        cancellation.ThrowIfCancellationRequested();
        _keys.Add(keys.to(float32).DetachFromDisposeScope());
        _values.Add(values.to(float32).DetachFromDisposeScope());
    }

    /// <summary>The pass so far as one pair of tensors, which the caller owns; begins anew.</summary>
    public (Tensor Keys, Tensor Values) Take()
    {
        (Tensor keys, Tensor values) = (stack(_keys, 0), stack(_values, 0));
        Dispose();
        return (keys, values);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values)) tensor.Dispose();
        _keys.Clear();
        _values.Clear();
    }
}

/// <summary>Keeps the queries (before rotary embedding) of chosen heads, each as [T, D] in float32.</summary>
public sealed class QueryCapture(IReadOnlyList<RetrievalHead> heads) : IAttentionTap, IDisposable
{
    private readonly Tensor?[] _queries = new Tensor?[heads.Count];

    public bool Wants(int layer) => heads.Any(head => head.Layer == layer);

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        for (int i = 0; i < heads.Count; i++)
        {
            if (heads[i].Layer != layer) continue;
            _queries[i]?.Dispose();
            _queries[i] = queries[heads[i].Head].to(float32).clone().DetachFromDisposeScope();
        }
    }

    /// <summary>Queries of the head at an index of the list: [T, D], owned by this object.</summary>
    public Tensor Queries(int index) =>
        _queries[index] ?? throw new InvalidOperationException($"Layer {heads[index].Layer} was not run, so head {heads[index]} has no queries.");

    public void Dispose()
    {
        foreach (Tensor? tensor in _queries) tensor?.Dispose();
    }
}

/// <summary>
/// Adds up how much chosen heads attend to each span of the context, as the square root of each token's attention (one strong look counts
/// less than several): the second look, and the citations.
/// </summary>
/// <param name="spans">Ranges of context positions, one a block.</param>
public sealed class SpanAttention(RotaryEmbedding rope, IReadOnlyList<RetrievalHead> heads, IReadOnlyList<(int Start, int End)> spans) : IAttentionTap, IDisposable
{
    private readonly Tensor _starts = tensor(spans.Select(span => (long)span.Start).ToArray()).DetachFromDisposeScope();
    private readonly Tensor _ends = tensor(spans.Select(span => (long)span.End).ToArray()).DetachFromDisposeScope();

    /// <summary>Σ over tokens of sqrt(Σ over the span of the attention), by head and span.</summary>
    public IReadOnlyList<double[]> ByHead { get; } = [.. heads.Select(_ => new double[spans.Count])];

    /// <summary>The same over all heads, by span.</summary>
    public double[] Totals => [.. Enumerable.Range(0, spans.Count).Select(span => ByHead.Sum(head => head[span]))];

    public bool Wants(int layer) => heads.Any(head => head.Layer == layer);

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        for (int i = 0; i < heads.Count; i++)
        {
            if (heads[i].Layer == layer) Add(heads[i], ByHead[i], queries, (int)keys.shape[0], context);
        }
    }

    /// <summary>Forgets what was looked at.</summary>
    public void Clear()
    {
        foreach (double[] head in ByHead) Array.Clear(head);
    }

    private void Add(RetrievalHead head, double[] totals, Tensor queries, int groups, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        int tokens = (int)queries.shape[1];
        Tensor own = rope.Rotate(queries[head.Head].to(float32), context.Length);
        Tensor all = context.Keys(head.Layer, tokens)[head.Head / (queries.shape[0] / groups)].to(float32);
        Tensor scores = own.mm(all.t()).div_(Scalars.Number(Math.Sqrt(own.shape[1])));
        if (tokens > 1)
        {
            scores.narrow(1, context.Length, tokens).add_(full([tokens, tokens], Scalars.MinusInfinity, float32, scores.device).triu_(1), Scalars.One);
        }

        // Sums over spans as differences of running sums; in double, because single looks are small.
        Tensor running = nn.functional.pad(scores.softmax(-1).to(float64).cumsum(-1), [1, 0]);
        Tensor bySpan = running.index_select(1, _ends.to(scores.device)).sub_(running.index_select(1, _starts.to(scores.device)));
        double[] added = bySpan.clamp_(min: Scalars.Zero).sqrt_().sum([0]).cpu().data<double>().ToArray();
        for (int i = 0; i < added.Length; i++) totals[i] += added[i];
    }

    public void Dispose()
    {
        _starts.Dispose();
        _ends.Dispose();
    }
}

/// <summary>Keeps the queries (before rotary embedding) of chosen heads for the last tokens of all passes, each as [T, D] in float32.</summary>
/// <param name="tokens">Most tokens to keep.</param>
public sealed class RecentQueries(IReadOnlyList<RetrievalHead> heads, int tokens) : IAttentionTap, IDisposable
{
    private readonly Tensor?[] _queries = new Tensor?[heads.Count];

    public bool Wants(int layer) => heads.Any(head => head.Layer == layer);

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        for (int i = 0; i < heads.Count; i++)
        {
            if (heads[i].Layer != layer) continue;
            using Tensor added = queries[heads[i].Head].to(float32);
            using Tensor all = _queries[i] is { } before ? cat([before, added], 0) : added.clone();
            long kept = Math.Min(tokens, all.shape[0]);
            using Tensor last = all.narrow(0, all.shape[0] - kept, kept);
            _queries[i]?.Dispose();
            _queries[i] = last.clone().DetachFromDisposeScope();
        }
    }

    /// <summary>One [T, D] a head, owned by this object; none before the first pass.</summary>
    public IReadOnlyList<Tensor> All => [.. _queries.OfType<Tensor>()];

    public void Dispose()
    {
        foreach (Tensor? tensor in _queries) tensor?.Dispose();
    }
}

/// <summary>Several watchers of the same passes.</summary>
public sealed class AttentionTaps(params IReadOnlyList<IAttentionTap> taps) : IAttentionTap
{
    public bool Wants(int layer) => taps.Any(tap => tap.Wants(layer));

    public void Observe(int layer, Tensor queries, Tensor keys, Tensor values, AttentionContext context)
    {
        foreach (IAttentionTap tap in taps.Where(tap => tap.Wants(layer))) tap.Observe(layer, queries, keys, values, context);
    }
}
