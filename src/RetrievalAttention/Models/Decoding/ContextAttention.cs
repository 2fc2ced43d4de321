using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace RetrievalAttention.Models.Decoding;

/// <summary>
/// Attention of one token over a context. Goals: 1. keys and values are read once, though several heads share them; 2. threads share the positions, because
/// there are few key/value heads; 3. the result does not depend on who did what: each range of positions has its own softmax, and these are joined in order
/// (as in Flash-Decoding, Dao et al. 2023).
/// </summary>
internal sealed unsafe class ContextAttention : IRangeWork
{
    private readonly DecoderConfig _config;
    private readonly float[] _queries;
    private readonly Range[] _ranges;
    private LayerMemory _memory;
    private int _capacity;
    private int _positions;
    private (int Start, int End) _remembered;
    private float[]? _gates;

    /// <param name="ranges">Into how many ranges positions are split.</param>
    public ContextAttention(DecoderConfig config, int ranges)
    {
        _config = config;
        _queries = new float[config.Heads * config.HeadSize];
        _ranges = [.. Enumerable.Range(0, ranges).Select(_ => new Range(config))];
    }

    /// <summary>Ranges: a row is one range of positions.</summary>
    public int Rows => _ranges.Length;

    /// <param name="queries">[H, D], rotated.</param>
    /// <param name="capacity">Positions that the memory has room for.</param>
    /// <param name="positions">Positions that are there, with the token's own.</param>
    /// <param name="remembered">Positions whose scores are raised by <paramref name="gates"/>.</param>
    /// <param name="gates">[H]; null for none.</param>
    public void Prepare(ReadOnlySpan<float> queries, LayerMemory memory, int capacity, int positions, (int Start, int End) remembered, float[]? gates)
    {
        TensorPrimitives.Multiply(queries, 1 / MathF.Sqrt(_config.HeadSize), _queries);
        (_memory, _capacity, _positions, _remembered, _gates) = (memory, capacity, positions, remembered, gates);
    }

    public void Run(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            int start = (int)((long)_positions * i / Rows), end = (int)((long)_positions * (i + 1) / Rows);
            _ranges[i].Clear(end - start);
            for (int group = 0; group < _config.KvHeads && start < end; group++) Attend(_ranges[i], group, start, end);
        }
    }

    /// <param name="mixed">[H, D].</param>
    public void Join(Span<float> mixed)
    {
        int size = _config.HeadSize;
        for (int head = 0; head < _config.Heads; head++)
        {
            float largest = float.NegativeInfinity, sum = 0;
            foreach (Range range in _ranges) largest = Math.Max(largest, range.Largest[head]);
            Span<float> target = mixed.Slice(head * size, size);
            target.Clear();
            foreach (Range range in _ranges)
            {
                float weight = MathF.Exp(range.Largest[head] - largest);
                sum += weight * range.Sums[head];
                TensorPrimitives.MultiplyAdd(range.Mixed.AsSpan(head * size, size), weight, target, target);
            }
            TensorPrimitives.Divide(target, sum, target);
        }
    }

    private void Attend(Range range, int group, int start, int end)
    {
        int size = _config.HeadSize, heads = _config.Heads / _config.KvHeads, count = end - start;
        float* keys = _memory.Keys + ((long)group * _capacity + start) * size;
        float* values = _memory.Values + ((long)group * _capacity + start) * size;
        for (int head = group * heads; head < (group + 1) * heads; head++)
        {
            Span<float> scores = range.Scores(head);
            fixed (float* query = &_queries[head * size], to = scores) Score(query, keys, size, count, to);
            if (_gates is not null) AddGate(scores, start, _gates[head]);
            float largest = range.Largest[head] = TensorPrimitives.Max(scores);
            TensorPrimitives.Subtract(scores, largest, scores);
            TensorPrimitives.Exp(scores, scores);
            range.Sums[head] = TensorPrimitives.Sum(scores);
            fixed (float* mixed = &range.Mixed[head * size], weights = scores) Mix(weights, values, size, count, mixed);
        }
    }

    private void AddGate(Span<float> scores, int start, float gate)
    {
        int first = Math.Clamp(_remembered.Start - start, 0, scores.Length), last = Math.Clamp(_remembered.End - start, 0, scores.Length);
        TensorPrimitives.Add(scores[first..last], gate, scores[first..last]);
    }

    // Four keys at a time: their sums run beside each other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, float* keys, int size, int count, float* scores)
    {
        int width = Vector<float>.Count, vectors = size / width * width, at = 0;
        for (; at + 4 <= count; at += 4, keys += 4 * size)
        {
            Vector<float> a = default, b = default, c = default, d = default;
            for (int i = 0; i < vectors; i += width)
            {
                Vector<float> q = Vector.Load(query + i);
                a = Vector.FusedMultiplyAdd(q, Vector.Load(keys + i), a);
                b = Vector.FusedMultiplyAdd(q, Vector.Load(keys + size + i), b);
                c = Vector.FusedMultiplyAdd(q, Vector.Load(keys + 2 * size + i), c);
                d = Vector.FusedMultiplyAdd(q, Vector.Load(keys + 3 * size + i), d);
            }
            scores[at] = Vector.Sum(a) + Rest(query, keys, vectors, size);
            scores[at + 1] = Vector.Sum(b) + Rest(query, keys + size, vectors, size);
            scores[at + 2] = Vector.Sum(c) + Rest(query, keys + 2 * size, vectors, size);
            scores[at + 3] = Vector.Sum(d) + Rest(query, keys + 3 * size, vectors, size);
        }
        for (; at < count; at++, keys += size) scores[at] = TensorPrimitives.Dot(new ReadOnlySpan<float>(query, size), new ReadOnlySpan<float>(keys, size));
    }

    private static float Rest(float* query, float* key, int from, int size)
    {
        float sum = 0;
        for (int i = from; i < size; i++) sum += query[i] * key[i];
        return sum;
    }

    // Columns of 4 vectors stay in registers while positions pass by.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(float* weights, float* values, int size, int count, float* mixed)
    {
        int width = Vector<float>.Count, column = 0;
        for (; column + 4 * width <= size; column += 4 * width)
        {
            Vector<float> a = default, b = default, c = default, d = default;
            float* value = values + column;
            for (int at = 0; at < count; at++, value += size)
            {
                Vector<float> weight = new(weights[at]);
                a = Vector.FusedMultiplyAdd(weight, Vector.Load(value), a);
                b = Vector.FusedMultiplyAdd(weight, Vector.Load(value + width), b);
                c = Vector.FusedMultiplyAdd(weight, Vector.Load(value + 2 * width), c);
                d = Vector.FusedMultiplyAdd(weight, Vector.Load(value + 3 * width), d);
            }
            a.Store(mixed + column);
            b.Store(mixed + column + width);
            c.Store(mixed + column + 2 * width);
            d.Store(mixed + column + 3 * width);
        }
        for (; column < size; column++)
        {
            float sum = 0;
            for (int at = 0; at < count; at++) sum += weights[at] * values[(long)at * size + column];
            mixed[column] = sum;
        }
    }

    /// <summary>What one range of positions contributes, by head.</summary>
    private sealed class Range(DecoderConfig config)
    {
        private float[] _scores = [];
        private int _positions;

        public float[] Largest { get; } = new float[config.Heads];

        public float[] Sums { get; } = new float[config.Heads];

        /// <summary>[H, D]; weighted values, not yet divided by <see cref="Sums"/>.</summary>
        public float[] Mixed { get; } = new float[config.Heads * config.HeadSize];

        public Span<float> Scores(int head) => _scores.AsSpan(head % (config.Heads / config.KvHeads) * _positions, _positions);

        public void Clear(int positions)
        {
            _positions = positions;
            int needed = positions * (config.Heads / config.KvHeads);
            if (_scores.Length < needed) _scores = new float[(int)BitOperations.RoundUpToPowerOf2((uint)needed)];
            Array.Fill(Largest, float.NegativeInfinity);
            Array.Clear(Sums);
            Array.Clear(Mixed);
        }
    }
}
